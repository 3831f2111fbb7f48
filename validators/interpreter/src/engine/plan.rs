//! What is to be done on an event of one template type: its instances, taken apart into clauses, and these into tests, each
//! distinct one once. Made when content is loaded; nothing here runs on an event.

use super::hint::STRANGER;
use super::literals::Literals;
use super::operand::Doubt;
use alloc::vec::Vec;
use channel_parser::channel::Detection;
use channel_parser::model::{InputType, TypeId};
use core::net::IpAddr;
use core::ops::Range;
use memchr::memmem::Finder;

/// What is asked of the input of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// Whether a key was found in it.
    Key(u32),
    /// Whether it holds, without case, what one of the finders looks for.
    Find(u32),
    /// What no key decides, and is not so where its key was not found.
    Doubt(u32),
    /// The same where its key is not looked up.
    Settle(u32),
    Range(i64, i64),
    Mask(u64, u64),
    Network(IpAddr, u8),
    Present,
    Absent,
}

/// What an instance asks, or several: whether any of some tests of one field holds.
#[derive(Clone, Debug)]
pub struct Question {
    pub field: u32,
    /// The keys of the tests that ask for nothing but a key.
    pub keys: Range<u32>,
    /// The other tests.
    pub tests: Range<u32>,
    /// Whether it asks for keys that are looked up late: those that stand at an end, and others.
    pub ends: bool,
    pub late: bool,
}

/// An instance: what must be the answer to each of its questions.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// Which of the plan's cases it belongs to.
    pub case: u32,
    pub wants: Range<u32>,
}

/// A detection, as far as it is about this template type.
#[derive(Clone)]
pub struct Case<'a> {
    pub detection: Detection<'a>,
    /// The instances that it excludes.
    pub exclude: Range<u32>,
}

/// What is looked up together in a text.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// Those of ASCII characters.
    pub literals: Literals,
    /// Those of others too, which no text of ASCII characters holds.
    pub foreign: Literals,
    /// The keys that count as found if a [`STRANGER`] is in the text.
    pub hints: Vec<u32>,
}

impl Texts {
    pub fn is_empty(&self) -> bool {
        self.literals.is_empty() && self.foreign.is_empty()
    }

    /// Tells the key of all that stands in a text of ASCII characters, some of them more than once.
    pub fn find_in_ascii(&self, text: &str, hit: &mut impl FnMut(u32)) {
        self.literals.find(text.as_bytes(), hit);
    }

    /// Tells the key of all that stands in another text, given without case, some of them more than once.
    pub fn find_in_folded(&self, text: &str, hit: &mut impl FnMut(u32)) {
        self.literals.find(text.as_bytes(), hit);
        self.foreign.find(text.as_bytes(), hit);
        if !self.hints.is_empty() && text.contains(STRANGER) {
            self.hints.iter().copied().for_each(hit);
        }
    }
}

/// The input of one field, and what is looked up in it.
#[derive(Clone, Debug)]
pub struct Field {
    pub input: InputType,
    pub nullable: bool,
    /// On every event: what makes instances candidates.
    pub early: Texts,
    /// On the first question that asks for one: all others that stand at an end, which costs next to nothing.
    pub ends: Texts,
    /// On the first question that asks for many others.
    pub late: Texts,
    /// Integers and their keys, ascending.
    pub numbers: Vec<(i64, u32)>,
}

/// The instances of one template type.
#[derive(Clone, Default)]
pub struct Plan<'a> {
    pub id: TypeId,
    /// Whether the inputs of an event can make the content fault. Then all is left to the interpreter.
    pub faults: bool,
    pub supplied: u32,
    pub fields: Vec<Field>,
    /// The fields in whose inputs something is looked up on every event.
    pub looked_at: Vec<u32>,
    /// How many keys there are.
    pub keys: u32,
    /// How many of them make instances candidates: the first.
    pub early: u32,
    /// For what a question asks that asks for few.
    pub finders: Vec<Finder<'static>>,
    /// For each key that makes instances candidates, where these start in `candidates`; and where the last ones end.
    pub starts: Vec<u32>,
    pub candidates: Vec<u32>,
    /// The instances that are candidates on every event.
    pub always: Vec<u32>,
    pub questions: Vec<Question>,
    pub asked: Vec<u32>,
    pub tests: Vec<Test>,
    pub doubts: Vec<Doubt<'a>>,
    pub instances: Vec<Conditions>,
    /// Questions, doubled, plus one where the answer must be yes.
    pub wants: Vec<u32>,
    pub cases: Vec<Case<'a>>,
}
