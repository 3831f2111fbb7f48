//! What one text pattern comes to: a key to look up, or a doubt that only a comparison decides, if a key is found at all.

use super::literals::{Literal, Mentions};
use crate::text::fold;
use alloc::string::String;
use alloc::vec::Vec;
use channel_parser::model::Operator;
use core::mem;

/// What is looked up in inputs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Text(Literal),
    /// A literal that counts as found in every text with the character that hints do not hold for.
    Hint(Literal),
    Number(i64),
}

impl Key {
    /// What is looked up in text.
    pub fn literal(&self) -> Option<&Literal> {
        match self {
            Self::Text(literal) | Self::Hint(literal) => Some(literal),
            Self::Number(_) => None,
        }
    }
}

/// A text pattern that must be compared with the input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt<'a> {
    /// Without this key it does not hold.
    pub key: Option<u32>,
    pub how: How<'a>,
}

/// How the pattern is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How<'a> {
    /// As the interpreter does it.
    Matches { operator: Operator, nocase: bool, operand: &'a str },
    /// By looking for bytes, in the folded text if case does not count.
    Contains { nocase: bool, bytes: Vec<u8> },
    /// One of the regular expressions.
    Regex(u32),
}

/// What a pattern needs to hold for an input that is there.
pub enum Needs<'a> {
    /// That a key is found.
    Key(Key),
    /// That a key is found, if there is one, and then a comparison.
    Doubt(Option<Key>, How<'a>),
    /// Nothing else.
    Presence,
}

/// What a pattern needs. `regex` is which of the regular expressions it is, if it is one.
pub fn needs<'a>(
    operator: Operator,
    nocase: bool,
    operand: &'a str,
    regex: Option<(u32, &[Vec<u8>])>,
    mentions: &Mentions,
) -> Needs<'a> {
    let how = How::Matches { operator, nocase, operand };
    let rarest = |literals: Vec<Literal>| {
        let known = literals.into_iter().filter_map(|one| Some((mentions.of(&one.bytes)?, one)));
        known.min_by_key(|(mentions, _)| *mentions).map(|(_, literal)| literal)
    };
    let (start, end) = match operator {
        Operator::Exact => (true, true),
        Operator::Prefix => (true, false),
        Operator::Suffix => (false, true),
        Operator::Contains => (false, false),
        Operator::Glob => return Needs::Doubt(rarest(pieces(operand)).map(Key::Text), how),
        _ => {
            let (number, hints) = regex.unwrap_or_default();
            let hint = |bytes: &Vec<u8>| Literal { bytes: bytes.clone(), start: false, end: false };
            return Needs::Doubt(rarest(hints.iter().map(hint).collect()).map(Key::Hint), How::Regex(number));
        }
    };
    if operand.is_empty() && operator != Operator::Exact {
        return Needs::Presence;
    }
    let literal = Literal { bytes: folded(operand).into_bytes(), start, end };
    match (mentions.of(&literal.bytes), operator) {
        (Some(_), _) if nocase => Needs::Key(Key::Text(literal)),
        (Some(_), _) => Needs::Doubt(Some(Key::Text(literal)), how),
        (None, Operator::Contains) => {
            let bytes = if nocase { literal.bytes } else { operand.as_bytes().to_vec() };
            Needs::Doubt(None, How::Contains { nocase, bytes })
        }
        (None, _) => Needs::Doubt(None, how),
    }
}

/// The text without case.
pub fn folded(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// Adds what stands literally in a pattern to what content mentions.
pub fn mention(operator: Operator, operand: &str, mentions: &mut Mentions) {
    match operator {
        Operator::Regex => {}
        Operator::Glob => pieces(operand).iter().for_each(|piece| mentions.add(&piece.bytes)),
        _ => mentions.add(folded(operand).as_bytes()),
    }
}

/// What stands between the wildcards of a glob, folded.
fn pieces(glob: &str) -> Vec<Literal> {
    let (mut all, mut piece, mut start) = (Vec::new(), String::new(), true);
    let mut rest = glob.chars();
    while let Some(c) = rest.next() {
        let one = match c {
            '*' | '?' => {
                let bytes = mem::take(&mut piece).into_bytes();
                all.push(Literal { bytes, start: mem::replace(&mut start, false), end: false });
                continue;
            }
            '\\' => rest.next().unwrap_or('\\'),
            c => c,
        };
        piece.push(fold(one));
    }
    all.push(Literal { bytes: piece.into_bytes(), start, end: true });
    all
}
