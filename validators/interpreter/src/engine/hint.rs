//! What must stand in a text for a regular expression to be found in it. Holds for text of ASCII characters only: without
//! case, `s` is also `ſ`, which no mapping of the text takes to it.

use alloc::vec::Vec;
use core::mem;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Texts, in lower case, of which each stands in every ASCII text in lower case that the expression is found in.
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

/// The one ASCII character of a class, case apart.
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
    let ascii = ranges.take_while(|(start, _)| *start < 128).flat_map(|(start, end)| start..=end.min(127));
    let mut lower = ascii.filter_map(|c| u8::try_from(c).ok()).map(|byte| byte.to_ascii_lowercase());
    let first = lower.next()?;
    lower.all(|byte| byte == first).then_some(first)
}
