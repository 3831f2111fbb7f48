//! A line of JSON, token by token, for the short way (`quick`): objects, texts without `\u`, whole numbers, `true`, `false` and
//! `null`. Whatever else there is, wrong or right, is left to a reader of all of JSON.

use std::ops::Range;

/// A line, and how far it was read.
pub(super) struct Scan<'l> {
    line: &'l str,
    at: usize,
}

/// Texts that do not stand in a line as they are.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Their bytes, and room.
    bytes: Vec<u8>,
    len: usize,
}

impl Others {
    /// Forgets all, and makes room for what can be in so many bytes of a line.
    pub fn begin(&mut self, line: usize) {
        self.len = 0;
        let room = line.saturating_add(size_of::<u64>());
        if self.bytes.len() < room {
            self.bytes.resize(room, 0);
        }
    }

    /// How many bytes they have.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Them all, one behind the other.
    pub fn all(&self) -> Option<&str> {
        self.one(0..self.len)
    }

    /// One of them, without a look at the others: a line may have many.
    pub fn one(&self, place: Range<usize>) -> Option<&str> {
        str::from_utf8(self.bytes.get(place)?).ok()
    }

    /// Puts bytes behind them; `None` if there is no room, as there is for what a line has.
    pub fn push(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.len.checked_add(bytes.len())?;
        self.bytes.get_mut(self.len..end)?.copy_from_slice(bytes);
        self.len = end;
        Some(())
    }

    /// Puts the first of eight bytes behind them.
    fn push_some(&mut self, eight: &[u8; 8], some: usize) -> Option<()> {
        *self.bytes.get_mut(self.len..)?.first_chunk_mut()? = *eight;
        self.len = self.len.wrapping_add(some);
        Some(())
    }
}

/// Where a text stands: in the line as it is, or, its escapes undone, among [`Others`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Line(Range<usize>),
    Other(Range<usize>),
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Text(Text),
}

/// Digits that every 64-bit number has room for.
const DIGITS: usize = 18;

impl<'l> Scan<'l> {
    pub fn new(line: &'l str) -> Self {
        Self { line, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn step(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.step(1);
        }
    }

    /// Whether this byte comes next, blanks left out. If so it is taken.
    pub fn takes(&mut self, byte: u8) -> bool {
        self.blanks();
        let takes = self.peek() == Some(byte);
        self.step(usize::from(takes));
        takes
    }

    /// Whether nothing comes any more.
    pub fn is_done(&mut self) -> bool {
        self.blanks();
        self.at == self.line.len()
    }

    /// The name of a member, without escapes, and the colon behind it.
    pub fn name(&mut self) -> Option<&'l str> {
        let from = self.opened()?;
        self.at = self.special()?;
        let name = self.line.get(from..self.at)?;
        (self.closes() && self.takes(b':')).then_some(name)
    }

    /// Whether these bytes come next, blanks before them left out. If so they are taken.
    pub fn takes_all(&mut self, bytes: &[u8]) -> bool {
        self.blanks();
        let rest = self.line.as_bytes().get(self.at..).unwrap_or_default();
        let takes = rest.starts_with(bytes);
        self.step(if takes { bytes.len() } else { 0 });
        takes
    }

    /// A value; a text with escapes is put behind the others.
    pub fn value(&mut self, others: &mut Others) -> Option<Value> {
        self.blanks();
        match self.peek()? {
            b'"' => self.text(others).map(Value::Text),
            b'n' => self.word("null", Value::Null),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            _ => self.integer().map(Value::Integer),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        let rest = self.line.as_bytes().get(self.at..)?;
        self.step(word.len());
        rest.starts_with(word.as_bytes()).then_some(value)
    }

    /// A number as a reader of all of JSON takes it for a whole one: no point, no exponent, no needless zero.
    fn integer(&mut self) -> Option<i64> {
        let from = self.at;
        self.step(usize::from(self.peek() == Some(b'-')));
        let digits = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.step(1);
        }
        let whole = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        let length = self.at.saturating_sub(digits);
        let zero = self.line.as_bytes().get(digits) == Some(&b'0') && (length > 1 || digits > from);
        if !whole || zero || length > DIGITS {
            return None;
        }
        self.line.get(from..self.at)?.parse().ok()
    }

    /// Where the text behind a quotation mark begins.
    fn opened(&mut self) -> Option<usize> {
        self.takes(b'"').then_some(self.at)
    }

    /// Whether a text ends here. If so the quotation mark is taken.
    fn closes(&mut self) -> bool {
        let closes = self.peek() == Some(b'"');
        self.step(usize::from(closes));
        closes
    }

    fn text(&mut self, others: &mut Others) -> Option<Text> {
        let (from, start) = (self.opened()?, others.len);
        self.at = self.special()?;
        let end = self.at;
        if self.closes() {
            return Some(Text::Line(from..end));
        }
        others.push(self.line.as_bytes().get(from..end)?)?;
        while self.peek()? == b'\\' {
            self.step(1);
            others.push(&[unescaped(self.peek()?)?])?;
            self.step(1);
            self.copy(others)?;
        }
        self.closes().then_some(Text::Other(start..others.len))
    }

    /// Copies what stands for itself, eight bytes at once.
    fn copy(&mut self, others: &mut Others) -> Option<()> {
        while let Some(eight) = self.line.as_bytes().get(self.at..).and_then(<[u8]>::first_chunk) {
            let found = specials(u64::from_le_bytes(*eight));
            let own = (found.trailing_zeros() / u8::BITS) as usize;
            others.push_some(eight, own)?;
            self.step(own);
            if found != 0 {
                return Some(());
            }
        }
        let end = self.special()?;
        others.push(self.line.as_bytes().get(self.at..end)?)?;
        self.at = end;
        Some(())
    }

    /// Where the next byte is that does not stand for itself in a text: a quotation mark, a backslash, or a control.
    fn special(&self) -> Option<usize> {
        let mut at = self.at;
        while let Some(eight) = self.line.as_bytes().get(at..).and_then(<[u8]>::first_chunk) {
            let found = specials(u64::from_le_bytes(*eight));
            if found != 0 {
                return Some(at.wrapping_add((found.trailing_zeros() / u8::BITS) as usize));
            }
            at = at.wrapping_add(8);
        }
        let rest = self.line.as_bytes().get(at..)?;
        let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
        Some(at.saturating_add(found))
    }
}

/// Eight bytes, of which the highest bit says whether one does not stand for itself: of the first such it is set, of those
/// before it is not.
const fn specials(bytes: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x80 * EACH;
    let (quote, escape) = (bytes ^ (0x22 * EACH), bytes ^ (0x5c * EACH));
    let (is_quote, is_escape) = (quote.wrapping_sub(EACH) & !quote, escape.wrapping_sub(EACH) & !escape);
    let is_control = bytes.wrapping_sub(0x20 * EACH) & !bytes;
    (is_quote | is_escape | is_control) & HIGHEST
}

/// What a letter behind a backslash stands for.
const fn unescaped(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 0x8,
        b'f' => 0xc,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A value that is read is the one that is there; one that is not whole, or is of a kind that is left out, is not.
        #[test]
        fn a_value_is_what_all_of_json_takes_it_for(line in "([ \t]?(\"([a-c\"\\\\/bfnrtu0\u{1}\té]|\\\\[\"\\\\/bfnrtu])*\"|-?[0-9]{0,20}[.eE]?[0-9]?|null|true|false|nul|\\[\\]|\\{\\}))[ ]?x?") {
            let (mut scan, mut others) = (Scan::new(&line), Others::default());
            others.begin(line.len());
            let value = scan.value(&mut others).filter(|_| scan.is_done());
            let known = serde_json::from_str::<serde_json::Value>(&line);
            let read = value.map(|value| match value {
                Value::Null => serde_json::Value::Null,
                Value::Bool(yes) => yes.into(),
                Value::Integer(n) => n.into(),
                Value::Text(Text::Line(range)) => line[range].into(),
                Value::Text(Text::Other(range)) => others.all().unwrap()[range].into(),
            });
            match read {
                Some(read) => prop_assert_eq!(Some(read), known.ok()),
                None => {
                    let left_out = line.contains("\\u") || line.contains(['.', 'e', 'E', '[', '{']) || line.contains("-0");
                    let long = line.bytes().filter(u8::is_ascii_digit).count() > DIGITS;
                    prop_assert!(known.is_err() || left_out || long, "{line:?}");
                }
            }
        }

        #[test]
        fn the_first_special_byte_is_found(bytes in any::<[u8; 8]>()) {
            let first = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let found = specials(u64::from_le_bytes(bytes));
            prop_assert_eq!((found != 0).then(|| (found.trailing_zeros() / 8) as usize), first);
        }
    }
}
