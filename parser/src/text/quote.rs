//! Text inside text: quoted so that what is read is what is there.

use crate::channel::Operand;
use core::fmt;

/// A text in quotes: `'...'` as it stands, or `"..."` with escapes where it holds a `'` or a character that is not seen.
///
/// ```
/// use channel_parser::text::Quoted;
///
/// assert_eq!(Quoted(r"\pipe\x").to_string(), r"'\pipe\x'");
/// assert_eq!(Quoted("it's\u{202e}\n").to_string(), r#""it's\u{202e}\n""#);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

/// A name: bare where it is a word of letters, digits, `_`, `.` and `-`, in quotes where it is not.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a>(pub &'a str);

/// Whether a character may stand in a bare name.
pub(super) fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// Whether a character cannot be seen, or changes how others are seen: controls, spaces other than the space, marks
/// of direction, joiners, selectors, fillers and tags. The text form always escapes these. The list is closed, so that
/// a text stays canonical whatever version of Unicode its reader knows.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{1680}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
        | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(|c| c == '\'' || is_hidden(c)) {
            return write!(f, "'{}'", self.0);
        }
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' if !planted!("backslash-bare") => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                _ if is_hidden(c) => write!(f, "{}", c.escape_unicode())?,
                _ => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_empty() && self.0.chars().all(is_bare) {
            f.write_str(self.0)
        } else {
            Quoted(self.0).fmt(f)
        }
    }
}

/// The notation of the text form; nothing for [`Operand::None`].
impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Integer(n) => write!(f, "{n}"),
            Self::Range(low, high) => write!(f, "{low}..{high}"),
            Self::Mask { mask, value } => write!(f, "{mask:#x} = {value:#x}"),
            Self::Network { address, prefix } => write!(f, "{address}/{prefix}"),
            Self::None => Ok(()),
        }
    }
}
