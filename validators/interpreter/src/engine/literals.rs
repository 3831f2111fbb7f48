//! Which of many literals stand in a text, in one pass: each literal is looked for by four of its bytes, those that content
//! mentions least. A place in the text costs one load, one multiplication and one bit; only where the bit is set is anything
//! compared. Unlike the steps of an automaton, the places do not wait for each other.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// The bytes by which a literal is looked for. A shorter one cannot be.
pub const GRAM: usize = 4;

/// Buckets for each literal, so that most of them are empty.
const ROOM: usize = 16;
/// The bits that tell which buckets are not empty stay in the first-level cache.
const MOST_BITS: u32 = 17;

fn grams(text: &[u8]) -> impl DoubleEndedIterator<Item = (usize, u32)> + '_ {
    let number = |gram: &[u8]| <[u8; GRAM]>::try_from(gram).map_or(0, u32::from_le_bytes);
    text.windows(GRAM).map(number).enumerate()
}

/// The highest bits of this product depend on all bits of the gram.
fn spread(gram: u32, bits: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1).wrapping_shr(u32::BITS.saturating_sub(bits))
}

/// How often content mentions what: what it mentions often stands often in events too.
pub struct Mentions(Vec<u32>);

impl Mentions {
    const BITS: u32 = 16;

    pub fn new() -> Self {
        Self(vec![0; 1 << Self::BITS])
    }

    pub fn add(&mut self, literal: &[u8]) {
        for (_, gram) in grams(literal) {
            if let Some(count) = self.0.get_mut(spread(gram, Self::BITS) as usize) {
                *count = count.saturating_add(1);
            }
        }
    }

    /// The gram of the literal that is mentioned least: where it stands, and how often it is mentioned.
    fn rarest(&self, literal: &[u8]) -> Option<(usize, u32, u32)> {
        let count = |gram| self.0.get(spread(gram, Self::BITS) as usize).copied().unwrap_or(0);
        grams(literal).map(|(at, gram)| (at, gram, count(gram))).min_by_key(|(_, _, count)| *count)
    }

    /// How often the rarest part of the literal is mentioned; `None` for one that is too short to be looked for.
    pub fn of(&self, literal: &[u8]) -> Option<u32> {
        self.rarest(literal).map(|(_, _, count)| count)
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

/// Many literals.
#[derive(Clone, Debug, Default)]
pub struct Literals {
    bits: u32,
    /// For each bucket, whether there is an entry in it.
    filter: Vec<u64>,
    /// For each bucket, where its entries start; and where those of the last end.
    starts: Vec<u32>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    /// How many bytes of the text count, at its start and at its end; `None` if all do.
    ends: Option<(usize, usize)>,
}

impl Literals {
    /// Literals with their ids. One that is too short is never found.
    pub fn new<'l>(literals: impl Iterator<Item = (u32, &'l Literal)>, mentions: &Mentions) -> Self {
        let mut new = Self { ends: Some((0, 0)), ..Self::default() };
        for (id, literal) in literals {
            let Some((before, gram, _)) = mentions.rarest(&literal.bytes) else { continue };
            let from = new.bytes.len() as u32;
            new.bytes.extend_from_slice(&literal.bytes);
            let (start, end, to) = (literal.start, literal.end, new.bytes.len() as u32);
            new.entries.push(Entry { gram, before: before as u32, from, to, id, start, end });
            new.ends = match new.ends {
                Some((head, tail)) if start => Some((head.max(literal.bytes.len()), tail)),
                Some((head, tail)) if end => Some((head, tail.max(literal.bytes.len()))),
                _ => None,
            };
        }
        let room = new.entries.len().saturating_mul(ROOM).next_power_of_two();
        new.bits = room.trailing_zeros().clamp(6, MOST_BITS);
        let bits = new.bits;
        new.entries.sort_by_key(|entry| spread(entry.gram, bits));
        let buckets = 1u32.wrapping_shl(bits);
        new.filter = vec![0; buckets.div_ceil(u64::BITS) as usize];
        for entry in &new.entries {
            let bucket = spread(entry.gram, bits);
            if let Some(word) = new.filter.get_mut(bucket.wrapping_div(u64::BITS) as usize) {
                *word |= 1u64.wrapping_shl(bucket);
            }
        }
        let start = |bucket| new.entries.partition_point(|e| spread(e.gram, bits) < bucket) as u32;
        new.starts = (0..=buckets).map(start).collect();
        new
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Tells the id of every literal that stands in the text, some of them more than once.
    pub fn find(&self, text: &[u8], hit: &mut impl FnMut(u32)) {
        match self.ends {
            Some((head, tail)) if head.saturating_add(tail) < text.len() => {
                self.find_in(text, 0..head, hit);
                self.find_in(text, text.len().saturating_sub(tail)..text.len(), hit);
            }
            _ => self.find_in(text, 0..text.len(), hit),
        }
    }

    fn find_in(&self, text: &[u8], part: Range<usize>, hit: &mut impl FnMut(u32)) {
        let from = part.start;
        for (at, gram) in grams(text.get(part).unwrap_or_default()) {
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
