//! What stands in a cell, for people: a number, a word, a quoted text, a decoded operand.

use super::cell::{Cell, CellKind};
use super::layout::NOCASE;
use super::operand::Operand;
use crate::model::{Level, Operator, Quantifier};
use crate::text::Quoted;
use core::fmt;

/// Bytes of a long cell that are shown.
const SHOWN: usize = 16;

/// The value of a cell; its `Display` is one line without control characters.
#[derive(Clone, Copy, Debug)]
pub struct CellValue<'a> {
    bytes: &'a [u8],
    kind: &'a CellKind,
}

impl Cell {
    /// What stands in it, given the bytes of the file.
    pub fn value<'a>(&'a self, file: &'a [u8]) -> CellValue<'a> {
        let bytes = file.get(self.span.start as usize..self.span.end as usize).unwrap_or_default();
        CellValue { bytes, kind: &self.kind }
    }
}

impl fmt::Display for CellValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = self.bytes.first().copied().unwrap_or(0);
        match self.kind {
            CellKind::Number => number(f, self.bytes),
            CellKind::Level => word(f, byte, Level::from_number(byte).map(Level::word)),
            CellKind::Quantifier => word(f, byte, Quantifier::from_number(byte).map(Quantifier::word)),
            CellKind::Operator => operator(f, byte),
            CellKind::Text => text(f, self.bytes),
            CellKind::Operand(operator) => operand(f, *operator, self.bytes),
            CellKind::Padding if self.bytes.iter().all(|b| *b == 0) => f.write_str("zero"),
            CellKind::Raw | CellKind::Padding | CellKind::Undecoded(_) => hex(f, self.bytes),
        }
    }
}

fn number(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let number = bytes.iter().rev().fold(0u64, |number, b| number << 8 | u64::from(*b));
    if number < 10 { write!(f, "{number}") } else { write!(f, "{number} ({number:#x})") }
}

fn word(f: &mut fmt::Formatter<'_>, byte: u8, word: Option<&str>) -> fmt::Result {
    write!(f, "{byte:#04x} {}", word.unwrap_or("(no word)"))
}

fn operator(f: &mut fmt::Formatter<'_>, byte: u8) -> fmt::Result {
    word(f, byte, Operator::from_number(byte & !NOCASE).map(Operator::word))?;
    if byte & NOCASE == 0 { Ok(()) } else { f.write_str(" nocase") }
}

fn text(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    match core::str::from_utf8(bytes) {
        Ok(text) => write!(f, "{}", Quoted(text)),
        Err(_) => hex(f, bytes),
    }
}

fn operand(f: &mut fmt::Formatter<'_>, operator: u8, bytes: &[u8]) -> fmt::Result {
    let operator = Operator::from_number(operator & !NOCASE);
    match operator.and_then(|operator| Operand::decode(operator, bytes).ok()) {
        Some(operand) => write!(f, "{operand}"),
        None => text(f, bytes),
    }
}

fn hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    for (index, b) in bytes.iter().take(SHOWN).enumerate() {
        write!(f, "{}{b:02x}", if index > 0 { " " } else { "" })?;
    }
    if bytes.len() > SHOWN { write!(f, " ... {} bytes", bytes.len()) } else { Ok(()) }
}
