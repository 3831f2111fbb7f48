//! What is judged: one file of whatever format, read once, and the sensors it would reach.

use channel_contract::Contract;
use channel_parser::channel::ChannelFile;
use channel_parser::model::view::Content;
use channel_parser::sysmon::Blob;
use channel_parser::{Error, ErrorKind, Format};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Findings of one rule about one file and one sensor that are kept; those past it are counted. Bytes can be wrong in
/// more places than there is memory to tell of.
pub(crate) const KEPT: u64 = 1000;

/// One content file under judgement.
pub struct Subject<'a> {
    /// The name it was given by, for people and for the rule that compares it with the header.
    pub name: String,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What is wrong with its structure: of each kind the first thousand errors.
    pub errors: Vec<Error>,
    /// How many errors of each kind there are.
    pub error_counts: BTreeMap<ErrorKind, u64>,
    /// Its format, if it is known.
    pub format: Option<Format>,
    /// Its content, if its tables or its lists can be told apart.
    pub content: Option<Content<'a>>,
    /// How they came about.
    pub made: Made,
}

/// How a rule blob came about, as far as its bytes do not tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Made {
    /// Whether what ships is the source that it was compiled from: each sensor's own compiler then writes its own version.
    pub from_source: bool,
    /// The contract of the schema that it was compiled for, where that is known: its version alone leaves several.
    pub compiler: Option<&'static Contract>,
}

impl<'a> Subject<'a> {
    /// Reads a file as far as it can be read.
    pub fn read(name: impl Into<String>, bytes: &'a [u8]) -> Self {
        let mut errors = Kept::default();
        let content = Content::examine(bytes, &mut |error| errors.push(error));
        let Kept { kept: errors, counts: error_counts } = errors;
        let (name, format) = (name.into(), Format::of(bytes).ok());
        Self { name, bytes, errors, error_counts, format, content, made: Made::default() }
    }

    /// The channel file, if it is one that can be read.
    pub fn file(&self) -> Option<&ChannelFile<'a>> {
        match &self.content {
            Some(Content::Channel(file)) => Some(file),
            _ => None,
        }
    }

    /// The rule blob, if it is one that can be read.
    pub fn blob(&self) -> Option<&Blob<'a>> {
        match &self.content {
            Some(Content::Blob(blob)) => Some(blob),
            _ => None,
        }
    }
}

/// Of each kind the first thousand errors, and how many there are.
#[derive(Default)]
struct Kept {
    kept: Vec<Error>,
    counts: BTreeMap<ErrorKind, u64>,
}

impl Kept {
    fn push(&mut self, error: Error) {
        let count = self.counts.entry(error.kind).or_insert(0u64);
        *count += 1;
        if *count <= KEPT {
            self.kept.push(error);
        }
    }
}

/// One sensor of the fleet.
#[derive(Clone, Debug)]
pub struct Member {
    /// Where its contract was read from.
    pub origin: String,
    /// The digest of the contract in its byte form.
    pub sha256: String,
    /// What it supplies and tolerates.
    pub contract: Contract,
}

/// The SHA-256 digest of bytes, in lower-case hexadecimal: what a verdict names a file by.
///
/// ```
/// assert!(channel_validators::digest(b"").starts_with("e3b0c44298fc1c14"));
/// ```
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
