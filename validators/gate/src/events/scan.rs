//! A line of JSON, token by token, for the short way (`quick`): objects, texts without `\u`, whole numbers, `true`, `false` and
//! `null`, with no blanks between them but spaces. Whatever else there is, wrong or right, is left to a reader of all of JSON.

use super::special::Specials;
use std::ops::Range;

/// A line among others, and how far it was read.
pub(super) struct Scan<'l> {
    lines: &'l str,
    specials: &'l Specials,
    at: usize,
    end: usize,
    /// Texts that do not stand in the line as they are, one behind the other, and how many bytes they have.
    undone: &'l mut [u8],
    length: usize,
}

/// A text: as it stands in the line, or, its escapes undone, where it is among [`Scan::undone`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text<'l> {
    Line(&'l str),
    Undone(Range<usize>),
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'l> {
    Null,
    /// As it is written.
    Bool(&'l str),
    /// And as it is written.
    Integer(i64, &'l str),
    Text(Text<'l>),
}

/// How a member begins: with a name and a colon.
#[derive(Debug)]
pub(super) struct Opening {
    /// Its bytes, then zeros.
    bytes: [u8; Self::MOST],
    /// For each byte all bits, for each of the zeros none.
    mask: [u8; Self::MOST],
    length: usize,
}

impl Opening {
    const MOST: usize = 32;

    /// `None` if the name is long, or is written with escapes.
    pub fn of(name: &str) -> Option<Self> {
        let written = format!("\"{name}\":");
        let (mut bytes, mut mask, length) = ([0; Self::MOST], [0; Self::MOST], written.len());
        bytes.get_mut(..length)?.copy_from_slice(written.as_bytes());
        mask.get_mut(..length)?.fill(u8::MAX);
        let plain = Specials::of(name.as_bytes()).next(0).is_none();
        plain.then_some(Self { bytes, mask, length })
    }
}

/// Digits that every 64-bit number has room for.
const DIGITS: usize = 18;
/// So many bytes are copied at once.
const COPY: usize = 16;

impl<'l> Scan<'l> {
    /// Begins one of some lines; `room` is what was used for another.
    pub fn new(lines: &'l str, specials: &'l Specials, line: Range<usize>, room: &'l mut Vec<u8>) -> Self {
        let size = line.len().saturating_add(COPY);
        if room.len() < size {
            room.resize(size, 0);
        }
        Self { lines, specials, at: line.start, end: line.end, undone: room, length: 0 }
    }

    /// Where the escapes of its texts were undone.
    pub fn undone(self) -> Option<&'l str> {
        str::from_utf8(self.undone.get(..self.length)?).ok()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.lines.as_bytes().get(at).copied()
    }

    /// The next byte, blanks left out.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        match self.byte(self.at)? {
            b' ' => self.peek_further(),
            byte => Some(byte),
        }
    }

    #[inline(never)]
    fn peek_further(&mut self) -> Option<u8> {
        while self.byte(self.at)? == b' ' {
            self.step(1);
        }
        self.byte(self.at)
    }

    fn step(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    /// Whether this byte comes next, blanks left out. If so it is taken.
    #[inline]
    pub fn takes(&mut self, byte: u8) -> bool {
        let takes = self.peek() == Some(byte);
        self.step(usize::from(takes));
        takes
    }

    /// Whether another member of an object comes, or its end: the byte that says so is taken.
    pub fn goes_on(&mut self) -> Option<bool> {
        let more = match self.peek()? {
            b',' => true,
            b'}' => false,
            _ => return None,
        };
        self.step(1);
        Some(more)
    }

    /// Whether nothing comes any more.
    pub fn is_done(&mut self) -> bool {
        while self.at < self.end && self.byte(self.at) == Some(b' ') {
            self.step(1);
        }
        self.at == self.end
    }

    /// The name of a member, and the colon behind it.
    pub fn name(&mut self) -> Option<&'l [u8]> {
        if !self.takes(b'"') {
            return None;
        }
        let end = self.specials.next(self.at)?;
        let name = self.lines.as_bytes().get(self.at..end)?;
        self.at = end;
        (self.takes(b'"') && self.takes(b':')).then_some(name)
    }

    /// A value.
    pub fn value(&mut self) -> Option<Value<'l>> {
        if self.begins_text()? { self.text().map(Value::Text) } else { self.other() }
    }

    /// Whether a value that comes next is a text.
    #[inline]
    pub fn begins_text(&mut self) -> Option<bool> {
        self.peek().map(|byte| byte == b'"')
    }

    /// A value that is no text.
    #[inline(never)]
    fn other(&mut self) -> Option<Value<'l>> {
        match self.byte(self.at)? {
            b'n' => self.word("null").map(|_| Value::Null),
            b't' => self.word("true").map(Value::Bool),
            b'f' => self.word("false").map(Value::Bool),
            _ => self.integer(),
        }
    }

    fn word(&mut self, word: &'static str) -> Option<&'l str> {
        let from = self.at;
        self.step(word.len());
        self.lines.get(from..self.at).filter(|found| *found == word)
    }

    /// A number as a reader of all of JSON takes it for a whole one: no point, no exponent, no needless zero.
    fn integer(&mut self) -> Option<Value<'l>> {
        let from = self.at;
        self.step(usize::from(self.byte(from) == Some(b'-')));
        let digits = self.at;
        while let Some(b'0'..=b'9') = self.byte(self.at) {
            self.step(1);
        }
        let whole = !matches!(self.byte(self.at), Some(b'.' | b'e' | b'E'));
        let length = self.at.saturating_sub(digits);
        let zero = self.byte(digits) == Some(b'0') && (length > 1 || digits > from);
        if !whole || zero || length > DIGITS {
            return None;
        }
        let written = self.lines.get(from..self.at)?;
        written.parse().ok().map(|n| Value::Integer(n, written))
    }

    /// Whether the next member begins like this, without blanks. If so that is taken.
    #[inline(always)]
    pub fn opens(&mut self, opening: &Opening) -> bool {
        let Some(own) = self.lines.as_bytes().get(self.at..).and_then(<[u8]>::first_chunk) else {
            return false;
        };
        let own: &[u8; Opening::MOST] = own;
        // All bytes at once, and not one after the other until one differs.
        let bytes = own.iter().zip(&opening.bytes).zip(&opening.mask);
        let opens = bytes.fold(0, |other, ((own, byte), mask)| other | (own ^ byte) & mask) == 0;
        self.step(if opens { opening.length } else { 0 });
        opens
    }

    /// The text that begins with the next byte.
    #[inline(always)]
    pub fn text(&mut self) -> Option<Text<'l>> {
        let from = self.at.wrapping_add(1);
        let end = self.specials.next(from)?;
        if self.byte(end)? != b'"' {
            return self.undo(from, end).map(Text::Undone);
        }
        self.at = end.wrapping_add(1);
        self.lines.get(from..end).map(Text::Line)
    }

    /// The same where the next special byte is none that ends it.
    #[inline(never)]
    fn undo(&mut self, mut from: usize, special: usize) -> Option<Range<usize>> {
        let (bytes, mut length) = (self.lines.as_bytes(), self.length);
        // Special bytes from a place on, as far as they are known: the next one is.
        let (mut at, mut bits) = (special, self.specials.bits(special)?);
        let end = loop {
            let before = bits.trailing_zeros();
            let special = at.wrapping_add(before as usize);
            length = copy(bytes, from..special, self.undone, length)?;
            if *bytes.get(special)? != b'\\' {
                break special;
            }
            let letter = *bytes.get(special.wrapping_add(1))?;
            let letter = if letter == b'\\' { letter } else { unescaped(letter)? };
            *self.undone.get_mut(length)? = letter;
            length = length.wrapping_add(1);
            from = special.wrapping_add(2);
            (at, bits) = (from, bits.wrapping_shr(before) >> 2);
            if bits == 0 {
                at = self.specials.next(from)?;
                bits = self.specials.bits(at)?;
            }
        };
        let text = self.length..length;
        (self.length, self.at) = (length, end);
        // What ends it may be a control.
        self.takes(b'"').then_some(text)
    }
}

/// Copies a part of the lines to a place among what was undone, and maybe what comes after it; where the copy ends.
#[inline]
fn copy(lines: &[u8], part: Range<usize>, undone: &mut [u8], to: usize) -> Option<usize> {
    let (own, place, length) = (lines.get(part.start..)?, undone.get_mut(to..)?, part.len());
    match (own.first_chunk::<COPY>(), place.first_chunk_mut::<COPY>()) {
        (Some(own), Some(place)) if length <= COPY => *place = *own,
        _ => copy_long(own.get(..length)?, place)?,
    }
    Some(to.wrapping_add(length))
}

#[inline(never)]
fn copy_long(own: &[u8], place: &mut [u8]) -> Option<()> {
    place.get_mut(..own.len())?.copy_from_slice(own);
    Some(())
}

/// What a letter behind a backslash stands for.
#[inline(never)]
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

    /// The text, given all that were undone.
    fn shown<'l>(text: &Text<'l>, undone: &'l str) -> &'l str {
        match text {
            Text::Line(text) => text,
            Text::Undone(place) => &undone[place.clone()],
        }
    }

    proptest! {
        /// A value that is read is the one that is there; one that is not whole, or is of a kind that is left out, is not.
        #[test]
        fn a_value_is_what_all_of_json_takes_it_for(line in "([ \t]?(\"([a-c\"\\\\/bfnrtu0\u{1}\té]|\\\\[\"\\\\/bfnrtu]|[a-z]{30})*\"|-?[0-9]{0,20}[.eE]?[0-9]?|null|true|false|nul|\\[\\]|\\{\\}))[ ]?x?") {
            let (specials, mut room) = (Specials::of(line.as_bytes()), Vec::new());
            let mut scan = Scan::new(&line, &specials, 0..line.len(), &mut room);
            let read = scan.value().filter(|_| scan.is_done());
            let known = serde_json::from_str::<serde_json::Value>(&line);
            match read {
                Some(read) => {
                    let read = match read {
                        Value::Null => serde_json::Value::Null,
                        Value::Bool(word) => (word == "true").into(),
                        Value::Integer(n, written) => {
                            prop_assert_eq!(n.to_string(), written);
                            n.into()
                        }
                        Value::Text(text) => shown(&text, scan.undone().unwrap()).into(),
                    };
                    prop_assert_eq!(Some(read), known.ok());
                }
                None => {
                    let left_out = line.contains("\\u") || line.contains(['.', 'e', 'E', '[', '{', '\t']) || line.contains("-0");
                    let long = line.bytes().filter(u8::is_ascii_digit).count() > DIGITS;
                    prop_assert!(known.is_err() || left_out || long, "{line:?}");
                }
            }
        }

        /// Texts one after the other: what is copied of one stays as it is when the next is.
        #[test]
        fn texts_stay_what_they_are(texts in prop::collection::vec("[a\"\\\\/\n\té]{0,70}", 0..9)) {
            let line: String = texts.iter().map(|text| serde_json::to_string(text).unwrap() + ",").collect();
            let (specials, mut room) = (Specials::of(line.as_bytes()), Vec::new());
            let mut scan = Scan::new(&line, &specials, 0..line.len(), &mut room);
            let read: Vec<_> = std::iter::from_fn(|| scan.value().filter(|_| scan.takes(b','))).collect();
            prop_assert!(scan.is_done());
            let undone = scan.undone().unwrap();
            let read = read.iter().map(|value| match value {
                Value::Text(text) => shown(text, undone),
                other => panic!("{other:?}"),
            });
            prop_assert_eq!(read.collect::<Vec<_>>(), texts);
        }
    }

    #[test]
    fn what_is_no_text_is_none() {
        for line in ["\\\"a\"", "\"\t\"", "\"", "\"\\", "\"\\\"", "\"\\n\t\"", "\"\\x\"", "a\"b\"", "\tn"] {
            let (specials, mut room) = (Specials::of(line.as_bytes()), Vec::new());
            assert_eq!(Scan::new(line, &specials, 0..line.len(), &mut room).value(), None, "{line:?}");
        }
    }

    #[test]
    fn a_member_opens_with_its_own_name_only() {
        let line = r#""a":"b\\","ab":7,"end":null,"and what comes after":1"#;
        let (specials, mut room) = (Specials::of(line.as_bytes()), Vec::new());
        let mut scan = Scan::new(line, &specials, 0..line.len(), &mut room);
        let [a, ab] = ["a", "ab"].map(|name| Opening::of(name).unwrap());
        assert!(!scan.opens(&ab));
        assert!(scan.opens(&a));
        assert_eq!(scan.value(), Some(Value::Text(Text::Undone(0..2))));
        assert!(scan.takes(b','));
        assert!(!scan.opens(&a));
        assert!(scan.opens(&ab));
        assert_eq!(scan.value(), Some(Value::Integer(7, "7")));
        assert!(Opening::of("a\"").is_none());
        assert!(Opening::of(&"a".repeat(Opening::MOST)).is_none());
    }
}
