//! Which format a file has, told by its content and never by its name or by a guess.

use crate::error::{Error, ErrorKind, Path, Value};
use crate::{channel, sysmon};

/// The formats that the reader knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The channel file of `FORMAT.md`.
    Channel,
    /// The rule blob of `SYSMON.md`.
    Sysmon,
}

impl Format {
    /// The format of a file with these first bytes.
    ///
    /// # Errors
    ///
    /// `Empty`, `AllZero` or `Magic`, the last naming what the bytes look like instead where that is known.
    pub fn of(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.starts_with(&channel::MAGIC) {
            return Ok(Self::Channel);
        }
        if sysmon::looks_like(bytes) {
            return Ok(Self::Sysmon);
        }
        let (kind, found) = if bytes.is_empty() {
            (ErrorKind::Empty, Value::Bytes(0))
        } else if bytes.iter().all(|b| *b == 0) {
            (ErrorKind::AllZero, Value::Phrase("only zero bytes"))
        } else {
            (ErrorKind::Magic, looks_like(bytes).map_or(Value::raw(bytes), Value::Phrase))
        };
        Err(no_channel(bytes, kind, found))
    }
}

/// That a file is a channel file.
pub(crate) fn channel(bytes: &[u8]) -> Result<(), Error> {
    match Format::of(bytes)? {
        Format::Channel => Ok(()),
        Format::Sysmon => Err(no_channel(bytes, ErrorKind::Magic, Value::Phrase("a Sysmon rule blob"))),
    }
}

fn no_channel(bytes: &[u8], kind: ErrorKind, found: Value) -> Error {
    Error {
        kind,
        span: (!bytes.is_empty()).then(|| 0..(bytes.len() as u64).min(channel::MAGIC.len() as u64)),
        path: Path::of("header").then("magic"),
        expected: Value::raw(&channel::MAGIC),
        found,
    }
}

/// What people hand in by mistake most often.
const LOOKS: [(&[u8], &str); 13] = [
    (b"\x89CHN\n", "a channel file damaged by a text-mode transfer (CR LF became LF)"),
    (b"\x89CHN\r\r", "a channel file damaged by a text-mode transfer (LF became CR LF)"),
    (b"\x09CHN", "a channel file damaged by a 7-bit transfer"),
    (b"\xef\xbf\xbdCHN", "a channel file damaged by a conversion to UTF-8"),
    (b"channel-file ", "the text form of a channel file (contentgate assemble makes the file)"),
    (b"MZ", "a PE image"),
    (b"\x7fELF", "an ELF image"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O image"),
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xef\xbb\xbf", "text with a byte order mark"),
    (b"<", "XML"),
    (b"sysmon-rules ", "the text form of a rule blob (contentgate assemble makes the blob)"),
];

fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    LOOKS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| *what)
}
