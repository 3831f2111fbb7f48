//! Literals by a few of their bytes: a filter, which stays in the first-level cache, says of nearly all others that they are
//! not among them.

use super::literals::Literal;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Bits of a filter for each entry, so that nearly all of them stay unset.
const ROOM: usize = 32;
/// A filter stays in the first-level cache: the number of its bits is at most two to this power.
const MOST_BITS: u32 = 17;

/// So many bytes as one number. Case is taken away, and of some other characters a difference, which does no harm here.
pub fn gram<const N: usize>(bytes: &[u8; N]) -> u64 {
    let mut all = [0; 8];
    if let Some(first) = all.first_chunk_mut() {
        *first = *bytes;
    }
    u64::from_le_bytes(all) | 0x2020_2020_2020_2020
}

/// The higher bits of this product depend on all bits of the gram.
const fn product(gram: u64) -> u64 {
    gram.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A number below [`Table::SPREAD`].
pub const fn spread(gram: u64) -> u32 {
    (product(gram) >> (u64::BITS - MOST_BITS)) as u32
}

/// Another such number: of two grams that share the one, few share the other.
const fn spread_again(gram: u64) -> u32 {
    const SHIFT: u32 = u64::BITS - MOST_BITS - MOST_BITS;
    (product(gram) >> SHIFT) as u32 & (u32::MAX >> (u32::BITS - MOST_BITS))
}

/// Eight bytes, of which ASCII letters are without case.
const fn lower(bytes: [u8; 8]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    // What is missing from `A`, and from what comes after `Z`, to the highest bit.
    const FROM_A: u64 = 0x3f3f_3f3f_3f3f_3f3f;
    const PAST_Z: u64 = 0x2525_2525_2525_2525;
    let bytes = u64::from_le_bytes(bytes);
    // No sum of two such bytes carries into the next.
    let low = bytes & LOW;
    let letters = low.wrapping_add(FROM_A) ^ low.wrapping_add(PAST_Z);
    bytes | (letters & !bytes & !LOW) >> 2
}

/// Whether a part of a text is, without case, the literal, which is as long.
fn same(own: &[u8], literal: &[u8]) -> bool {
    let equal = |own: &[u8; 8], literal: &[u8; 8]| lower(*own) == u64::from_le_bytes(*literal);
    let (Some(last), Some(literal_last)) = (own.last_chunk(), literal.last_chunk()) else {
        return own.eq_ignore_ascii_case(literal);
    };
    // The last eight, and from the first on as many times eight as there are.
    let mut chunks = own.as_chunks().0.iter().zip(literal.as_chunks().0);
    equal(last, literal_last) && chunks.all(|(own, literal)| equal(own, literal))
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    gram: u64,
    /// Where in the literal the gram stands.
    before: u32,
    /// Where in `bytes` the literal stands.
    from: u32,
    to: u32,
    id: u32,
    start: bool,
    end: bool,
}

/// Bits, two of which are set for each gram that a table holds. Of small tables only the first words are in use.
#[derive(Clone, Debug)]
pub struct Filter {
    words: Box<[u64; Self::WORDS]>,
    mask: usize,
}

impl Filter {
    const WORDS: usize = 1 << (MOST_BITS - 6);

    fn new(entries: usize) -> Option<Self> {
        let words = (entries.saturating_mul(ROOM).next_power_of_two() >> 6).clamp(1, Self::WORDS);
        let all = vec![0; Self::WORDS].into_boxed_slice();
        Some(Self { words: all.try_into().ok()?, mask: words.wrapping_sub(1) })
    }

    fn set(&mut self, bit: u32) {
        if let Some(word) = self.words.get_mut((bit >> 6) as usize & self.mask) {
            *word |= 1u64.wrapping_shl(bit);
        }
    }

    fn is_set(&self, bit: u32) -> bool {
        let word = self.words.get((bit >> 6) as usize & self.mask).copied().unwrap_or(0);
        word.wrapping_shr(bit) & 1 != 0
    }

    /// Whether a table can hold the gram: it does not if this says so.
    #[inline(always)]
    pub fn may_hold(&self, gram: u64) -> bool {
        self.is_set(spread(gram)) && self.is_set(spread_again(gram))
    }
}

/// Literals, each entered by one gram of it or several.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// None if it is empty.
    filter: Option<Filter>,
    /// For each bucket, where its entries start; and where those of the last end.
    starts: Vec<u32>,
    /// The bits of a product that are the bucket.
    bucket: u32,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

impl Table {
    /// The numbers that grams are spread to.
    pub const SPREAD: usize = 1 << MOST_BITS;

    /// Enters a literal by a gram that stands so many bytes after its start.
    pub fn add(&mut self, id: u32, literal: &Literal, gram: u64, before: usize) {
        let Literal { bytes, start, end } = literal;
        // One that is entered by several grams is entered by one after the other.
        let last = self.entries.last().filter(|last| last.id == id).map(|last| (last.from, last.to));
        let (from, to) = last.unwrap_or_else(|| {
            let from = self.bytes.len() as u32;
            self.bytes.extend_from_slice(bytes);
            (from, self.bytes.len() as u32)
        });
        self.entries.push(Entry { gram, before: before as u32, from, to, id, start: *start, end: *end });
    }

    /// Makes it ready.
    pub fn finish(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        self.filter = Filter::new(self.entries.len());
        if let Some(filter) = &mut self.filter {
            for entry in &self.entries {
                filter.set(spread(entry.gram));
                filter.set(spread_again(entry.gram));
            }
        }
        let buckets = self.entries.len().next_power_of_two().min(Self::SPREAD) as u32;
        let mask = buckets.wrapping_sub(1);
        self.bucket = mask;
        self.entries.sort_by_key(|entry| spread(entry.gram) & mask);
        let start = |bucket| self.entries.partition_point(|e| spread(e.gram) & mask < bucket) as u32;
        self.starts = (0..=buckets).map(start).collect();
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What to ask before a comparison; none if the table is empty.
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// Tells the id of every literal that was entered by this gram and stands in the text so that the gram is at `at`.
    #[inline(never)]
    pub fn compare(&self, text: &[u8], at: usize, gram: u64, hit: &mut impl FnMut(u32)) {
        let start = |bucket: u32| self.starts.get(bucket as usize).map_or(0, |start| *start as usize);
        let bucket = spread(gram) & self.bucket;
        let entries = self.entries.get(start(bucket)..start(bucket.wrapping_add(1))).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.gram == gram) {
            let Some(literal) = self.bytes.get(entry.from as usize..entry.to as usize) else { continue };
            let Some(from) = at.checked_sub(entry.before as usize) else { continue };
            let Some((own, rest)) = text.get(from..).and_then(|rest| rest.split_at_checked(literal.len()))
            else {
                continue;
            };
            let placed = !(entry.start && from != 0 || entry.end && !rest.is_empty());
            if placed && same(own, literal) {
                hit(entry.id);
            }
        }
    }
}
