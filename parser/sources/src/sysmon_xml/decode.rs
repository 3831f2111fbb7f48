//! Bytes to text, as Sysmon takes them: a byte order mark or a zero beside the first character means UTF-16; otherwise
//! the declared encoding counts, even where a mark of UTF-8 stands before it.

/// Where and why bytes are no text.
pub(super) struct DecodeError {
    pub at: usize,
    pub expected: &'static str,
    pub found: String,
}

/// The text of a configuration, without a byte order mark and without an XML declaration's effect.
pub(super) fn decode(bytes: &[u8]) -> Result<String, DecodeError> {
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
    let error = |at: usize| DecodeError { at, expected: "UTF-16", found: "half a character".into() };
    if !rest.is_empty() {
        return Err(error(bytes.len()));
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    text.map_err(|_| error(0))
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
            at: 0,
            expected: "the encoding UTF-8, UTF-16 or ISO-8859-1",
            found: name.into(),
        }),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(error) => {
                let at = error.valid_up_to();
                let found = bytes.get(at).map_or_else(String::new, |b| format!("the byte {b:#04x}"));
                Err(DecodeError { at, expected: "UTF-8", found })
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
