//! Which of many literals stand in a text, in one pass: each literal is looked for by a few of its bytes, those that content
//! mentions least. A place in the text costs one load, one multiplication and one bit; only where the bit is set is anything
//! compared. Unlike the steps of an automaton, the places do not wait for each other.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// The bytes by which a literal is looked for, and those for a literal that has not so many.
const LONG: usize = 4;
const SHORT: usize = 2;

/// Buckets for each literal, so that most of them are empty.
const ROOM: usize = 16;
/// The bits that tell which buckets are not empty stay in the first-level cache.
const MOST_BITS: u32 = 17;

fn grams<const N: usize>(text: &[u8]) -> impl DoubleEndedIterator<Item = (usize, u32)> + '_ {
    let number = |gram: &[u8]| {
        let gram = <[u8; N]>::try_from(gram).unwrap_or([0; N]);
        gram.iter().rev().fold(0, |number: u32, byte| number << 8 | u32::from(*byte))
    };
    text.windows(N).map(number).enumerate()
}

/// The highest bits of this product depend on all bits of the gram.
fn spread(gram: u32, bits: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1).wrapping_shr(u32::BITS.saturating_sub(bits))
}

/// How often content mentions what: what it mentions often stands often in events too.
pub struct Mentions {
    long: Vec<u32>,
    short: Vec<u32>,
}

/// Buckets of the counts, as bits.
const COUNTED: u32 = 16;

fn count<const N: usize>(counts: &mut [u32], literal: &[u8]) {
    for (_, gram) in grams::<N>(literal) {
        if let Some(count) = counts.get_mut(spread(gram, COUNTED) as usize) {
            *count = count.saturating_add(1);
        }
    }
}

/// The gram of the literal that is mentioned least: where it stands, and how often it is mentioned.
fn rarest<const N: usize>(counts: &[u32], literal: &[u8]) -> Option<(usize, u32, u32)> {
    let count = |gram| counts.get(spread(gram, COUNTED) as usize).copied().unwrap_or(0);
    grams::<N>(literal).map(|(at, gram)| (at, gram, count(gram))).min_by_key(|(_, _, count)| *count)
}

impl Mentions {
    pub fn new() -> Self {
        Self { long: vec![0; 1 << COUNTED], short: vec![0; 1 << COUNTED] }
    }

    pub fn add(&mut self, literal: &[u8]) {
        count::<LONG>(&mut self.long, literal);
        count::<SHORT>(&mut self.short, literal);
    }

    /// How often the rarest part of the literal is mentioned; `None` for one that is too short to be looked for.
    pub fn of(&self, literal: &[u8]) -> Option<u32> {
        let (long, short) = (rarest::<LONG>(&self.long, literal), rarest::<SHORT>(&self.short, literal));
        long.or(short).map(|(_, _, count)| count)
    }
}

/// A literal, and where in the text it may stand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    pub bytes: Vec<u8>,
    /// Only at the start.
    pub start: bool,
    /// Only at the end.
    pub end: bool,
}

/// Many literals.
#[derive(Clone, Debug, Default)]
pub struct Literals {
    long: Table,
    short: Table,
}

impl Literals {
    /// Literals with their ids. One that is too short is never found.
    pub fn new<'l>(literals: impl Iterator<Item = (u32, &'l Literal)>, mentions: &Mentions) -> Self {
        let mut new = Self::default();
        for (id, literal) in literals {
            if let Some((before, gram, _)) = rarest::<LONG>(&mentions.long, &literal.bytes) {
                new.long.add(id, literal, gram, before);
            } else if let Some((before, gram, _)) = rarest::<SHORT>(&mentions.short, &literal.bytes) {
                new.short.add(id, literal, gram, before);
            }
        }
        new.long.finish();
        new.short.finish();
        new
    }

    pub fn is_empty(&self) -> bool {
        self.long.entries.is_empty() && self.short.entries.is_empty()
    }

    /// Tells the id of every literal that stands in the text, some of them more than once.
    pub fn find(&self, text: &[u8], hit: &mut impl FnMut(u32)) {
        self.long.find::<LONG>(text, hit);
        self.short.find::<SHORT>(text, hit);
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    gram: u32,
    /// Where in the literal the gram stands.
    before: u32,
    /// Where in `bytes` the literal stands.
    from: u32,
    to: u32,
    id: u32,
    start: bool,
    end: bool,
}

/// The literals that are looked for by grams of one length.
#[derive(Clone, Debug, Default)]
struct Table {
    bits: u32,
    /// For each bucket, whether there is an entry in it.
    filter: Vec<u64>,
    /// For each bucket, where its entries start; and where those of the last end.
    starts: Vec<u32>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    /// How many bytes of the text count, at its start and at its end.
    head: usize,
    tail: usize,
}

impl Table {
    fn add(&mut self, id: u32, literal: &Literal, gram: u32, before: usize) {
        let Literal { bytes, start, end } = literal;
        let from = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        let to = self.bytes.len() as u32;
        self.entries.push(Entry { gram, before: before as u32, from, to, id, start: *start, end: *end });
        match (start, end) {
            (true, _) => self.head = self.head.max(bytes.len()),
            (_, true) => self.tail = self.tail.max(bytes.len()),
            _ => self.head = usize::MAX,
        }
    }

    fn finish(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        let room = self.entries.len().saturating_mul(ROOM).next_power_of_two();
        self.bits = room.trailing_zeros().clamp(6, MOST_BITS);
        let bits = self.bits;
        self.entries.sort_by_key(|entry| spread(entry.gram, bits));
        let buckets = 1u32.wrapping_shl(bits);
        self.filter = vec![0; buckets.div_ceil(u64::BITS) as usize];
        for entry in &self.entries {
            let bucket = spread(entry.gram, bits);
            if let Some(word) = self.filter.get_mut(bucket.wrapping_div(u64::BITS) as usize) {
                *word |= 1u64.wrapping_shl(bucket);
            }
        }
        let start = |bucket| self.entries.partition_point(|e| spread(e.gram, bits) < bucket) as u32;
        self.starts = (0..=buckets).map(start).collect();
    }

    fn find<const N: usize>(&self, text: &[u8], hit: &mut impl FnMut(u32)) {
        if self.entries.is_empty() {
            return;
        }
        if self.head.saturating_add(self.tail) < text.len() {
            self.find_in::<N>(text, 0..self.head, hit);
            self.find_in::<N>(text, text.len().saturating_sub(self.tail)..text.len(), hit);
        } else {
            self.find_in::<N>(text, 0..text.len(), hit);
        }
    }

    fn find_in<const N: usize>(&self, text: &[u8], part: Range<usize>, hit: &mut impl FnMut(u32)) {
        let from = part.start;
        for (at, gram) in grams::<N>(text.get(part).unwrap_or_default()) {
            let bucket = spread(gram, self.bits);
            let word = self.filter.get(bucket.wrapping_div(u64::BITS) as usize).copied().unwrap_or(0);
            if word.wrapping_shr(bucket) & 1 != 0 {
                self.compare(text, from.wrapping_add(at), gram, bucket, hit);
            }
        }
    }

    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, gram: u32, bucket: u32, hit: &mut impl FnMut(u32)) {
        let start = |bucket: u32| self.starts.get(bucket as usize).map_or(0, |start| *start as usize);
        let entries = self.entries.get(start(bucket)..start(bucket.wrapping_add(1))).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.gram == gram) {
            let Some(literal) = self.bytes.get(entry.from as usize..entry.to as usize) else { continue };
            let Some(from) = at.checked_sub(entry.before as usize) else { continue };
            let Some(rest) = text.get(from..) else { continue };
            let placed = !(entry.start && from != 0 || entry.end && rest.len() != literal.len());
            if placed && rest.starts_with(literal) {
                hit(entry.id);
            }
        }
    }
}
