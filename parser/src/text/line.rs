//! One line of the text form as a row of tokens. Every failure says where, what was expected and what was found.

use super::TextError;
use super::quote::{Quoted, is_bare, is_hidden};
use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;
use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_till, take_while, take_while_m_n, take_while1};
use nom::character::complete::{anychar, char};
use nom::combinator::{map, map_opt, map_res, recognize};
use nom::multi::fold_many0;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

/// Characters of what was found that an error shows.
const SHOWN: usize = 40;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub line: u32,
    pub column: u32,
}

impl Default for Place {
    /// The beginning, which an empty text has too.
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

impl Place {
    pub fn error(self, expected: impl ToString, found: impl ToString) -> TextError {
        let Self { line, column } = self;
        TextError { line, column, expected: expected.to_string(), found: found.to_string() }
    }
}

/// What is left of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    number: u32,
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Line<'a> {
    /// A line from its start.
    pub fn new(number: u32, whole: &'a str) -> Result<Self, TextError> {
        let mut line = Self { number, whole, rest: whole };
        if let Some((at, c)) = whole.char_indices().find(|(_, c)| *c != '\t' && is_hidden(*c)) {
            line.rest = whole.get(at..).unwrap_or_default();
            return Err(line
                .place()
                .error("a character that can be seen, or its escape", c.escape_unicode()));
        }
        line.skip();
        Ok(line)
    }

    /// Skips blanks and the comment.
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        if self.rest.starts_with('#') {
            self.rest = "";
        }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Where the next token starts.
    pub fn place(&self) -> Place {
        let before = self.whole.len().saturating_sub(self.rest.len());
        let column = self.whole.get(..before).map_or(0, |before| before.chars().count());
        Place { line: self.number, column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1) }
    }

    /// That something else was expected here.
    pub fn expected(&self, expected: impl ToString) -> TextError {
        let end = self.rest.char_indices().nth(SHOWN).map_or(self.rest.len(), |(at, _)| at);
        let found = match self.rest.get(..end) {
            None | Some("") => Cow::Borrowed("the end of the line"),
            Some(shown) => Cow::Owned(Quoted(shown).to_string()),
        };
        self.place().error(expected, found)
    }

    /// The next token; a failure is reported where the token stops making sense.
    fn token<T>(
        &mut self,
        expected: &str,
        mut parser: impl Parser<&'a str, Output = T, Error = nom::error::Error<&'a str>>,
    ) -> Result<T, TextError> {
        match parser.parse(self.rest) {
            Ok((rest, token)) => {
                self.rest = rest;
                self.skip();
                Ok(token)
            }
            Err(error) => {
                let mut at = *self;
                if let nom::Err::Error(error) | nom::Err::Failure(error) = error {
                    at.rest = error.input;
                }
                Err(at.expected(expected))
            }
        }
    }

    /// The end of the line.
    pub fn end(&self) -> Result<(), TextError> {
        if self.is_empty() { Ok(()) } else { Err(self.expected("the end of the line")) }
    }

    /// A word, if it is this one.
    pub fn accept(&mut self, word: &str) -> bool {
        let is = self.word() == word;
        if is {
            self.rest = self.rest.get(word.len()..).unwrap_or_default();
            self.skip();
        }
        is
    }

    /// The next word without taking it; empty if there is none.
    pub fn word(&self) -> &'a str {
        let word: IResult<&str, &str> = take_while(is_bare).parse(self.rest);
        word.map_or("", |(_, word)| word)
    }

    /// This word.
    pub fn keyword(&mut self, word: &str) -> Result<(), TextError> {
        if self.accept(word) { Ok(()) } else { Err(self.expected(alloc::format!("`{word}`"))) }
    }

    /// This sign.
    pub fn sign(&mut self, sign: &str) -> Result<(), TextError> {
        self.token(&alloc::format!("`{sign}`"), tag(sign)).map(drop)
    }

    /// This sign, if it is there.
    pub fn accept_sign(&mut self, sign: &str) -> bool {
        self.sign(sign).is_ok()
    }

    /// The colon that directly follows what it ends; `network ::/0` has none.
    pub fn colon(&mut self) -> bool {
        let before = self.whole.len().saturating_sub(self.rest.len());
        let apart = self.whole.get(..before).is_none_or(|before| before.ends_with([' ', '\t']));
        !apart && self.accept_sign(":")
    }

    /// A number that fits its type, in decimal or after `0x`.
    pub fn number<T: TryFrom<u64>>(&mut self, expected: &str) -> Result<T, TextError> {
        self.token(expected, map_opt(unsigned, |n| T::try_from(n).ok()))
    }

    /// A signed number.
    pub fn integer(&mut self) -> Result<i64, TextError> {
        let negative = map_res(recognize((char('-'), take_while1(|c: char| c.is_ascii_digit()))), str::parse);
        let positive = map_opt(unsigned, |n| i64::try_from(n).ok());
        self.token("an integer of 64 bits", alt((negative, positive)))
    }

    /// Text in quotes.
    pub fn string(&mut self) -> Result<String, TextError> {
        match self.rest.chars().next() {
            Some('\'') => {
                let raw = delimited(char('\''), take_till(|c| c == '\''), char('\''));
                self.token("a closing '", map(raw, String::from))
            }
            Some('"') => self.token(r#"a closing " or one of the escapes \" \\ \n \r \t \u{1f600}"#, escaped),
            _ => Err(self.expected("text in quotes")),
        }
    }

    /// A name of at least one letter, bare or in quotes.
    pub fn name(&mut self, expected: &str) -> Result<String, TextError> {
        let start = *self;
        let name = match self.word() {
            "" if self.rest.starts_with(['\'', '"']) => self.string()?,
            "" => return Err(self.expected(expected)),
            word => {
                self.accept(word);
                String::from(word)
            }
        };
        if name.is_empty() { Err(start.expected(expected)) } else { Ok(name) }
    }

    /// The label of a cell.
    pub fn label(&mut self) -> Result<&'a str, TextError> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '[' | ']' | '.');
        self.token("the label of a cell, such as patterns[2].operator", take_while1(part))
    }

    /// An address and the length of its prefix.
    pub fn network(&mut self) -> Result<(IpAddr, u8), TextError> {
        let part = take_while1(|c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.'));
        let address = self.token("an IPv4 or IPv6 address", map_res(part, str::parse))?;
        self.sign("/")?;
        Ok((address, self.number("the length of a prefix")?))
    }

    /// Bytes in hexadecimal up to the end of the line.
    pub fn bytes(&mut self) -> Result<Vec<u8>, TextError> {
        let mut bytes = Vec::new();
        while !self.is_empty() {
            let pair = take_while_m_n(2, 2, |c: char| c.is_ascii_hexdigit());
            let byte = map_res(pair, |pair| u8::from_str_radix(pair, 16));
            bytes.push(self.token("bytes of two hexadecimal digits", byte)?);
        }
        Ok(bytes)
    }
}

fn unsigned(input: &str) -> IResult<&str, u64> {
    let digits = take_while1(|c: char| c.is_ascii_alphanumeric());
    map_res(digits, |digits: &str| match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    })
    .parse(input)
}

fn escaped(input: &str) -> IResult<&str, String> {
    let plain = map(is_not("\"\\"), Cow::Borrowed);
    let escape = map(preceded(char('\\'), alt((unicode, short))), |c| Cow::Owned(String::from(c)));
    let text = fold_many0(alt((plain, escape)), String::new, |mut text: String, part: Cow<'_, str>| {
        text.push_str(&part);
        text
    });
    delimited(char('"'), text, char('"')).parse(input)
}

fn unicode(input: &str) -> IResult<&str, char> {
    let digits = take_while_m_n(1, 6, |c: char| c.is_ascii_hexdigit());
    let scalar = map_opt(digits, |digits| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
    delimited(tag("u{"), scalar, char('}')).parse(input)
}

fn short(input: &str) -> IResult<&str, char> {
    map_opt(anychar, |c| match c {
        '"' | '\\' => Some(c),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        _ => None,
    })
    .parse(input)
}
