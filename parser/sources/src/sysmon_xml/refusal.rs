//! A source as text with places, and why a configuration did not become a blob.

use super::{decode, scan};
use crate::SourceFile;
use crate::map::At;
use channel_parser::text::is_hidden;
use std::fmt;

/// One thing in a configuration that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name of the source file.
    pub source: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What had to be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, line, column, expected, found } = self;
        write!(f, "{source}:{line}:{column}: expected {expected}, found {found}")
    }
}

impl std::error::Error for Refusal {}

/// Characters of what was found that a refusal shows.
const SHOWN: usize = 60;

/// A source file as text.
pub(super) struct Source<'a> {
    pub name: &'a str,
    pub text: String,
    /// Where each line starts.
    lines: Vec<usize>,
    /// How many characters stand before each block of [`BLOCK`] bytes, so that no line is too long to count in.
    blocks: Vec<usize>,
}

/// Bytes that are counted at once.
const BLOCK: usize = 1024;

impl<'a> Source<'a> {
    /// Decodes a file.
    pub fn decode(file: &'a SourceFile) -> Result<Self, Refusal> {
        let name = file.name.as_str();
        let decoded = decode::decode(&file.bytes).map_err(|error| {
            let source = Self::new(name, error.before);
            source.at(source.text.len(), error.expected, &error.found)
        })?;
        Ok(Self::new(name, decoded))
    }

    fn new(name: &'a str, text: String) -> Self {
        let starts =
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at.saturating_add(1));
        let lines = std::iter::once(0).chain(starts).collect();
        let counts = text.as_bytes().chunks(BLOCK).scan(0usize, |before, block| {
            let here = *before;
            *before = here.saturating_add(characters(block));
            Some(here)
        });
        let blocks = counts.collect();
        Self { name, text, lines, blocks }
    }

    /// The tree of the text, within the limits of the compiler.
    pub fn parse(&self) -> Result<roxmltree::Document<'_>, Refusal> {
        scan::scan(&self.text).map_err(|(at, expected, found)| self.at(at, &expected, &found))?;
        roxmltree::Document::parse(&self.text).map_err(|error| {
            let place = error.pos();
            let message = error.to_string();
            // The place stands in front of the message already.
            let found = message.rsplit_once(" at ").map_or(message.as_str(), |(message, _)| message);
            Refusal {
                source: self.name.into(),
                line: place.row,
                column: place.col,
                expected: "well-formed XML".into(),
                found: shown(found),
            }
        })
    }

    /// The line and the column of a byte.
    pub fn place(&self, at: usize) -> At {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|line| self.lines.get(line)).copied().unwrap_or(0);
        let column = self.before(at).saturating_sub(self.before(start));
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        At(number(line), number(column).saturating_add(1))
    }

    /// How many characters stand before a byte.
    fn before(&self, at: usize) -> usize {
        let block = at / BLOCK;
        let rest = self.text.as_bytes().get(block.saturating_mul(BLOCK)..at).unwrap_or_default();
        let before = self.blocks.get(block).copied();
        before.unwrap_or_else(|| characters(self.text.as_bytes())).saturating_add(characters(rest))
    }

    /// A refusal at a byte.
    pub fn at(&self, at: usize, expected: &str, found: &str) -> Refusal {
        self.refusal(self.place(at), expected, found)
    }

    /// A refusal at a line and a column.
    pub fn refusal(&self, At(line, column): At, expected: &str, found: &str) -> Refusal {
        Refusal { source: self.name.into(), line, column, expected: expected.into(), found: shown(found) }
    }

    /// A refusal at an element.
    pub fn refuse(&self, node: roxmltree::Node<'_, '_>, expected: &str, found: &str) -> Refusal {
        self.at(node.range().start, expected, found)
    }
}

/// How many characters start in these bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b & 0xc0 != 0x80).count()
}

/// A text in one line, without what cannot be seen, and not too long.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars().take(SHOWN) {
        if is_hidden(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
