//! Bytes to text, as Sysmon takes them: a byte order mark or a zero beside the first character means UTF-16; otherwise
//! the declared encoding counts, even where a mark of UTF-8 stands before it.

use crate::limits;

/// Where and why bytes are no text.
pub(super) struct DecodeError {
    /// What could be read.
    pub before: String,
    pub expected: &'static str,
    pub found: String,
}

/// The text of a configuration, without a byte order mark and without an XML declaration's effect.
pub(super) fn decode(bytes: &[u8]) -> Result<String, DecodeError> {
    if bytes.len() > limits::SOURCE_BYTES {
        let found = format!("{} bytes", bytes.len());
        return Err(DecodeError { before: String::new(), expected: "a file of at most 8 MiB", found });
    }
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [_, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, _, ..] => utf16(bytes, u16::from_be_bytes),
        _ => eight_bits(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let error = |before: &str| DecodeError {
        before: before.into(),
        expected: "UTF-16",
        found: "half a character".into(),
    };
    let mut text = String::with_capacity(pairs.len());
    for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(c.map_err(|_| error(&text))?);
    }
    if rest.is_empty() { Ok(text) } else { Err(error(&text)) }
}

fn eight_bits(bytes: &[u8]) -> Result<String, DecodeError> {
    let name = declared(bytes);
    let is =
        |known: &[&str]| known.iter().any(|known| name.is_some_and(|name| name.eq_ignore_ascii_case(known)));
    match name {
        Some(_) if is(&["ISO-8859-1", "ISO8859-1", "ISO_8859-1", "ISO-LATIN-1", "latin1", "l1"]) => {
            Ok(bytes.iter().copied().map(char::from).collect())
        }
        Some(name) if !is(&["UTF-8", "UTF8", "US-ASCII", "ASCII"]) => Err(DecodeError {
            before: String::new(),
            expected: "the encoding UTF-8, UTF-16 or ISO-8859-1",
            found: format!("{name} in text of eight bits"),
        }),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(error) => {
                let at = error.valid_up_to();
                let before = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default()).into_owned();
                let found = bytes.get(at).map_or_else(String::new, |b| format!("the byte {b:#04x}"));
                Err(DecodeError { before, expected: "UTF-8", found })
            }
        },
    }
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&str> {
    let start = bytes.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = start.windows(2).take(256).position(|two| two == b"?>")?;
    let declaration = std::str::from_utf8(start.get(..end)?).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split(quote).next()
}
