//! What must stand in a text for a regular expression to be found in it. Holds for text without the character `ſ` only:
//! without case it is also `s`, and no mapping of the text takes it there.

use crate::text::fold;
use alloc::vec::Vec;
use core::mem;
use regex_syntax::hir::{Class, Hir, HirKind};

/// The one character that is an ASCII letter without case and stays what it is when a text is folded.
pub const STRANGER: char = 'ſ';

/// Texts, in lower case, of which each stands in every folded text that the expression is found in, if the text has no
/// [`STRANGER`] in it.
pub fn hints(expression: &Hir) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut run = Vec::new();
    walk(expression, &mut run, &mut all);
    all.push(run);
    all
}

/// Follows what every match goes through in order. The reader of expressions bounds how deep they nest.
fn walk(expression: &Hir, run: &mut Vec<u8>, all: &mut Vec<Vec<u8>>) {
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => {
            for byte in &literal.0 {
                step(byte.is_ascii().then_some(*byte), run, all);
            }
        }
        HirKind::Class(class) => step(only(class), run, all),
        HirKind::Capture(capture) => walk(&capture.sub, run, all),
        HirKind::Concat(parts) => parts.iter().for_each(|part| walk(part, run, all)),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            walk(&repetition.sub, run, all);
            step(None, run, all);
        }
        HirKind::Repetition(_) | HirKind::Alternation(_) => step(None, run, all),
    }
}

/// One more character, if there is but one that it can be.
fn step(character: Option<u8>, run: &mut Vec<u8>, all: &mut Vec<Vec<u8>>) {
    match character {
        Some(byte) => run.push(byte.to_ascii_lowercase()),
        None => all.push(mem::take(run)),
    }
}

/// The one ASCII character that is left of a class when a text is folded.
fn only(class: &Class) -> Option<u8> {
    match class {
        Class::Unicode(class) => {
            one(class.ranges().iter().map(|range| (range.start().into(), range.end().into())))
        }
        Class::Bytes(class) => {
            one(class.ranges().iter().map(|range| (range.start().into(), range.end().into())))
        }
    }
}

fn one(ranges: impl Iterator<Item = (u32, u32)>) -> Option<u8> {
    let characters = ranges.flat_map(|(start, end)| start..=end).map(char::from_u32);
    let folded = |c: Option<char>| match c {
        Some(STRANGER) => Some(b's'),
        c => u8::try_from(fold(c?)).ok().filter(u8::is_ascii),
    };
    let mut all = characters.map(folded);
    let first = all.next()??;
    all.all(|one| one == Some(first)).then_some(first)
}
