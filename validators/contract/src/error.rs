//! What can be wrong with a contract before anyone judges it: where, what was expected, what was found.

use alloc::string::{String, ToString};
use core::{fmt, ops::Range};

/// Why there is no contract.
///
/// Everything quoted from the input is escaped, so that it is safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// The bytes of the input that are wrong, as offsets in the file, where they can be named.
    pub at: Option<Range<u64>>,
    /// The line and column of `at`, both from 1, in text.
    pub position: Option<(u32, u32)>,
    /// Which part of the contract it is: `types[1].fields[3].name`; empty for the whole.
    pub path: String,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input cannot be read at all.
    Unreadable,
    /// It is neither TOML nor a binary.
    NeitherTextNorBinary,
    /// The text is not a contract.
    Text,
    /// The binary's own structure is broken.
    Binary,
    /// The binary has no section for a contract.
    NoSection,
    /// The section is there and holds nothing.
    EmptySection,
    /// One image has more than one such section.
    SeveralSections,
    /// The records of the section are broken.
    Record,
    /// The architectures of one file carry different contracts.
    Disagreement,
    /// The contract cannot be written in this form.
    Unwritable,
    /// Sysmon's manifest cannot be turned into contracts.
    Manifest,
    /// No contract that comes along has this name.
    NoSuchSensor,
}

impl ErrorKind {
    /// The kind in words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "cannot be read",
            Self::NeitherTextNorBinary => "neither a contract in TOML nor a binary",
            Self::Text => "the text is not a contract",
            Self::Binary => "the binary is broken",
            Self::NoSection => "the binary has no contract",
            Self::EmptySection => "the contract section is empty",
            Self::SeveralSections => "the binary has several contract sections",
            Self::Record => "the contract section is broken",
            Self::Disagreement => "the architectures disagree",
            Self::Unwritable => "the contract cannot be written in this form",
            Self::Manifest => "the manifest is broken",
            Self::NoSuchSensor => "there is no such sensor",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, expected: impl Into<String>, found: impl ToString) -> Self {
        let (expected, found) = (expected.into(), found.to_string());
        Self { kind, at: None, position: None, path: String::new(), expected, found }
    }

    pub(crate) fn at(mut self, range: Range<u64>) -> Self {
        self.at = Some(range);
        self
    }

    pub(crate) fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.word())?;
        match (&self.position, &self.at) {
            (Some((line, column)), _) => write!(f, " at line {line}, column {column}")?,
            (None, Some(at)) => write!(f, " at bytes {:#x}..{:#x}", at.start, at.end)?,
            (None, None) => (),
        }
        if !self.path.is_empty() {
            write!(f, ", {}", self.path)?;
        }
        write!(f, ": expected {}, found {}", self.expected, self.found)
    }
}

impl core::error::Error for Error {}
