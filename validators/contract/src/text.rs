//! The rule for every name and version in a contract. They end up in terminals and logs, so they hold nothing that
//! steers one.

use alloc::{format, string::String};

/// The longest text that a record holds: its 80 bytes end with at least one zero.
pub const MAX_TEXT: usize = 79;

/// What is expected of a text.
pub(crate) const EXPECTED: &str = "at most 79 bytes of UTF-8 without control or direction characters";

/// The text as it may be quoted in an error, if it is not allowed.
pub(crate) fn refuse(text: &str) -> Option<String> {
    if text.len() > MAX_TEXT {
        return Some(format!("{} bytes", text.len()));
    }
    text.chars().any(steers).then(|| format!("\"{}\"", text.escape_default()))
}

/// Control characters, and those which change the direction in which others are shown.
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with every character that steers escaped.
#[cfg(feature = "toml")]
pub(crate) fn printable(text: &str) -> String {
    escape(text.chars())
}

fn escape(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    for c in chars {
        match steers(c) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    out
}

/// The start of a text of any length, with every character that steers escaped: what an error quotes.
pub(crate) fn excerpt(text: &str) -> String {
    let mut out = escape(text.chars().take(MAX_TEXT));
    out.push_str(if text.chars().nth(MAX_TEXT).is_some() { "…" } else { "" });
    out
}
