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
    Number(i64),
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
    /// That a literal is found.
    Key(Literal),
    /// That a literal is found, if there is one, and then a comparison.
    Doubt(Option<Literal>, How<'a>),
    /// Nothing else.
    Presence,
}

/// What a pattern needs. `regex` is which of the regular expressions it is.
pub fn needs<'a>(
    operator: Operator,
    nocase: bool,
    operand: &'a str,
    regex: Option<u32>,
    mentions: &Mentions,
) -> Needs<'a> {
    let how = How::Matches { operator, nocase, operand };
    let known = |literal: &Literal| mentions.of(&literal.bytes).is_some();
    let (start, end) = match operator {
        Operator::Exact => (true, true),
        Operator::Prefix => (true, false),
        Operator::Suffix => (false, true),
        Operator::Contains => (false, false),
        Operator::Glob => {
            let best = pieces(operand).into_iter().filter(known).min_by_key(|one| mentions.of(&one.bytes));
            return Needs::Doubt(best, how);
        }
        _ => return Needs::Doubt(None, regex.map_or(how, How::Regex)),
    };
    if operand.is_empty() && operator != Operator::Exact {
        return Needs::Presence;
    }
    let literal = Literal { bytes: folded(operand).into_bytes(), start, end };
    match (known(&literal), operator) {
        (true, _) if nocase => Needs::Key(literal),
        (true, _) => Needs::Doubt(Some(literal), how),
        (false, Operator::Contains) => {
            let bytes = if nocase { literal.bytes } else { operand.as_bytes().to_vec() };
            Needs::Doubt(None, How::Contains { nocase, bytes })
        }
        (false, _) => Needs::Doubt(None, how),
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
