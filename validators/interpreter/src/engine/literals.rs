//! Which of many literals stand in a text, in one pass: each literal is looked for by a few of its bytes, those that content
//! mentions least. A place in the text costs one load, one multiplication and one bit; only where the bit is set is anything
//! compared. Unlike the steps of an automaton, the places do not wait for each other.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// The bytes by which a literal is looked for, and those for a literal that has not so many.
const LONG: usize = 4;
const SHORT: usize = 2;

/// Bits of a filter for each literal, so that nearly all of them stay unset.
const ROOM: usize = 32;
/// A filter stays in the first-level cache: the number of its bits is at most two to this power.
const MOST_BITS: u32 = 17;

fn grams<const N: usize>(text: &[u8]) -> impl DoubleEndedIterator<Item = (usize, u32)> + '_ {
    let number = |gram: &[u8]| {
        let gram = <[u8; N]>::try_from(gram).unwrap_or([0; N]);
        gram.iter().rev().fold(0, |number: u32, byte| number << 8 | u32::from(*byte))
    };
    text.windows(N).map(number).enumerate()
}

/// The higher bits of this product depend on all bits of the gram.
fn spread(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1) >> (u32::BITS - MOST_BITS)
}

/// Another such product: of two grams that share the one, few share the other.
fn spread_again(gram: u32) -> u32 {
    gram.wrapping_mul(0x85eb_ca6b) >> (u32::BITS - MOST_BITS)
}

/// How often content mentions what: what it mentions often stands often in events too.
pub struct Mentions {
    long: Vec<u32>,
    short: Vec<u32>,
}

fn count<const N: usize>(counts: &mut [u32], literal: &[u8]) {
    for (_, gram) in grams::<N>(literal) {
        if let Some(count) = counts.get_mut(spread(gram) as usize) {
            *count = count.saturating_add(1);
        }
    }
}

/// The gram of the literal that is mentioned least: where it stands, and how often it is mentioned.
fn rarest<const N: usize>(counts: &[u32], literal: &[u8]) -> Option<(usize, u32, u32)> {
    let count = |gram| counts.get(spread(gram) as usize).copied().unwrap_or(0);
    grams::<N>(literal).map(|(at, gram)| (at, gram, count(gram))).min_by_key(|(_, _, count)| *count)
}

impl Mentions {
    pub fn new() -> Self {
        Self { long: vec![0; 1 << MOST_BITS], short: vec![0; 1 << MOST_BITS] }
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

/// Bits, some of which are set: a power of two of them, from 64 on.
#[derive(Clone, Debug, Default)]
struct Bits {
    words: Vec<u64>,
    mask: u32,
}

impl Bits {
    fn new(bits: usize) -> Self {
        let words = (bits.next_power_of_two().min(1 << MOST_BITS) >> 6).max(1);
        Self { words: vec![0; words], mask: words.wrapping_sub(1) as u32 }
    }

    fn set(&mut self, bit: u32) {
        if let Some(word) = self.words.get_mut((bit >> 6 & self.mask) as usize) {
            *word |= 1u64.wrapping_shl(bit);
        }
    }

    fn is_set(&self, bit: u32) -> bool {
        let word = self.words.get((bit >> 6 & self.mask) as usize).copied().unwrap_or(0);
        word.wrapping_shr(bit) & 1 != 0
    }
}

/// The literals that are looked for by grams of one length.
#[derive(Clone, Debug, Default)]
struct Table {
    /// For each gram of an entry, two bits are set.
    filter: Bits,
    /// For each bucket, where its entries start; and where those of the last end.
    starts: Vec<u32>,
    /// The bits of a product that are the bucket.
    bucket: u32,
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
        self.filter = Bits::new(self.entries.len().saturating_mul(ROOM));
        for entry in &self.entries {
            self.filter.set(spread(entry.gram));
            self.filter.set(spread_again(entry.gram));
        }
        let buckets = self.entries.len().next_power_of_two().min(1 << MOST_BITS) as u32;
        let mask = buckets.wrapping_sub(1);
        self.bucket = mask;
        self.entries.sort_by_key(|entry| spread(entry.gram) & mask);
        let start = |bucket| self.entries.partition_point(|e| spread(e.gram) & mask < bucket) as u32;
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
            if self.filter.is_set(spread(gram)) && self.filter.is_set(spread_again(gram)) {
                self.compare(text, from.wrapping_add(at), gram, hit);
            }
        }
    }

    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, gram: u32, hit: &mut impl FnMut(u32)) {
        let start = |bucket: u32| self.starts.get(bucket as usize).map_or(0, |start| *start as usize);
        let bucket = spread(gram) & self.bucket;
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
