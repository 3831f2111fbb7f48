//! Which of many literals stand in a text, given as it is: case does not count, and is taken away a few bytes at a time.
//!
//! A literal is looked for by a few of its bytes. One that may stand only at an end of the text is looked for there, by its
//! last bytes. For all others one pass serves: a literal is entered at as many places as the pass takes at one step, by the
//! bytes that content mentions least, so that one of them is come upon wherever it stands. A step costs one load, one
//! multiplication and one bit; only where the bit is set is anything compared. Unlike the steps of an automaton, they do not
//! wait for each other.

use super::table::{Table, gram, spread};
use alloc::vec;
use alloc::vec::Vec;

/// The bytes by which a literal is looked for that may stand anywhere, those for one that has few, so that the pass for
/// them can take two at a step, and those for one that has still fewer.
const LONG: usize = 4;
const MIDDLE: usize = 3;
const SHORT: usize = 2;
/// From so many bytes on a literal is found by a pass that takes at least four at a step.
const FAR: usize = 7;
/// The bytes that a pass takes at a step, and the entries it may have for it, so that its filter stays in the first-level
/// cache.
const STEPS: [usize; 5] = [16, 8, 4, 2, 1];
const ENTRIES: usize = 4096;

/// How often content mentions what: what it mentions often stands often in events too.
pub struct Mentions {
    long: Vec<u32>,
    middle: Vec<u32>,
    short: Vec<u32>,
}

fn grams<const N: usize>(literal: &[u8]) -> impl Iterator<Item = u64> + '_ {
    literal.windows(N).filter_map(|window| window.first_chunk()).map(gram::<N>)
}

fn count<const N: usize>(counts: &mut [u32], literal: &[u8]) {
    for gram in grams::<N>(literal) {
        if let Some(count) = counts.get_mut(spread(gram) as usize) {
            *count = count.saturating_add(1);
        }
    }
}

/// Where the `step` grams begin, one after the other, that are mentioned least, and how often they are.
fn rarest<const N: usize>(counts: &[u32], literal: &[u8], step: usize) -> Option<(usize, u32)> {
    let count = |gram| counts.get(spread(gram) as usize).copied().unwrap_or(0);
    let counts: Vec<u32> = grams::<N>(literal).map(count).collect();
    let sums =
        counts.windows(step.max(1)).map(|part| part.iter().fold(0, |sum: u32, n| sum.saturating_add(*n)));
    sums.enumerate().min_by_key(|(_, sum)| *sum)
}

impl Mentions {
    pub fn new() -> Self {
        let none = || vec![0; Table::SPREAD];
        Self { long: none(), middle: none(), short: none() }
    }

    pub fn add(&mut self, literal: &[u8]) {
        count::<LONG>(&mut self.long, literal);
        count::<MIDDLE>(&mut self.middle, literal);
        count::<SHORT>(&mut self.short, literal);
    }

    /// How often the rarest part of the literal is mentioned; `None` for one that is too short to be looked for.
    pub fn of(&self, literal: &[u8]) -> Option<u32> {
        let (long, short) =
            (rarest::<LONG>(&self.long, literal, 1), rarest::<SHORT>(&self.short, literal, 1));
        long.or(short).map(|(_, count)| count)
    }
}

/// A literal without case, and where in the text it may stand.
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
    ends: Ends,
    starts: Starts,
    far: Pass<LONG>,
    near: Pass<MIDDLE>,
    short: Pass<SHORT>,
}

impl Literals {
    /// Literals with their ids. One that is too short is never found.
    pub fn new<'l>(literals: impl Iterator<Item = (u32, &'l Literal)>, mentions: &Mentions) -> Self {
        let (mut new, mut far, mut near, mut short) = (Self::default(), Vec::new(), Vec::new(), Vec::new());
        for (id, literal) in literals {
            match (literal, literal.bytes.len()) {
                (_, 0..SHORT) => {}
                (Literal { end: true, .. }, _) => new.ends.add(id, literal),
                (Literal { start: true, .. }, _) => new.starts.add(id, literal),
                (_, SHORT..LONG) => short.push((id, literal)),
                (_, LONG..FAR) => near.push((id, literal)),
                _ => far.push((id, literal)),
            }
        }
        new.ends.0.finish();
        new.starts.finish();
        new.far = Pass::new(&far, &mentions.long);
        new.near = Pass::new(&near, &mentions.middle);
        new.short = Pass::new(&short, &mentions.short);
        new
    }

    pub fn is_empty(&self) -> bool {
        let passes = self.far.0.is_empty() && self.near.0.is_empty() && self.short.0.is_empty();
        passes && self.ends.0.is_empty() && self.starts.table.is_empty()
    }

    /// Tells the id of every literal that stands in the text, some of them more than once. The text is of ASCII characters
    /// or without case.
    pub fn find(&self, text: &[u8], hit: &mut impl FnMut(u32)) {
        self.ends.find(text, hit);
        self.starts.find(text, hit);
        self.far.find(text, hit);
        self.near.find(text, hit);
        self.short.find(text, hit);
    }
}

/// By so many of its last bytes a literal is looked for at an end, the first of these that it has. Names of programs end alike
/// in their last four.
const WIDTHS: [usize; 4] = [8, 6, 4, 2];

/// The last bytes of a text, by which a literal that ends with them is looked for. None of a text that has but one.
fn last(text: &[u8]) -> Option<(usize, u64)> {
    let (width, gram) = match text.len() {
        8.. => (8, text.last_chunk().map(gram::<8>)),
        6.. => (6, text.last_chunk().map(gram::<6>)),
        4.. => (4, text.last_chunk().map(gram::<4>)),
        _ => (2, text.last_chunk().map(gram::<2>)),
    };
    Some((width, gram?))
}

/// The literals that stand only at the end.
#[derive(Clone, Debug, Default)]
struct Ends(Table);

impl Ends {
    fn add(&mut self, id: u32, literal: &Literal) {
        if let Some((width, gram)) = last(&literal.bytes) {
            self.0.add(id, literal, gram, literal.bytes.len().saturating_sub(width));
        }
    }

    fn find(&self, text: &[u8], hit: &mut impl FnMut(u32)) {
        let Some(filter) = self.0.filter() else { return };
        for most in WIDTHS {
            let part = text.get(text.len().saturating_sub(most)..).unwrap_or_default();
            if let Some((_, gram)) =
                last(part).filter(|(width, gram)| *width == most && filter.may_hold(*gram))
            {
                self.0.compare(text, text.len().saturating_sub(most), gram, hit);
            }
        }
    }
}

/// The literals that stand only at the start, and their lengths, ascending, with the last bytes of those that are so long.
#[derive(Clone, Debug, Default)]
struct Starts {
    table: Table,
    lengths: Vec<(usize, u32)>,
}

/// One of 32 bits for a byte, the same for both cases of a letter.
fn bit(byte: u8) -> u32 {
    1u32.wrapping_shl(byte.into())
}

impl Starts {
    fn add(&mut self, id: u32, literal: &Literal) {
        let length = literal.bytes.len();
        if let Some((width, gram)) = last(&literal.bytes) {
            self.table.add(id, literal, gram, length.saturating_sub(width));
            self.lengths.push((length, literal.bytes.last().copied().map_or(0, bit)));
        }
    }

    fn finish(&mut self) {
        self.lengths.sort_unstable();
        self.lengths.dedup_by(|(length, bits), (kept, all)| {
            *all |= if length == kept { *bits } else { 0 };
            length == kept
        });
        self.table.finish();
    }

    fn find(&self, text: &[u8], hit: &mut impl FnMut(u32)) {
        let Some(filter) = self.table.filter() else { return };
        for (length, bits) in &self.lengths {
            let Some(byte) = text.get(length.wrapping_sub(1)) else { return };
            if bits & bit(*byte) == 0 {
                continue;
            }
            let Some(part) = text.get(..*length) else { return };
            if let Some((width, gram)) = last(part).filter(|(_, gram)| filter.may_hold(*gram)) {
                self.table.compare(text, length.saturating_sub(width), gram, hit);
            }
        }
    }
}

/// The literals that one pass over the text finds, by grams of `N` bytes, and the step that it takes.
#[derive(Clone, Debug, Default)]
struct Pass<const N: usize>(Table, usize);

impl<const N: usize> Pass<N> {
    fn new(literals: &[(u32, &Literal)], counts: &[u32]) -> Self {
        let shortest = literals.iter().map(|(_, literal)| literal.bytes.len()).min().unwrap_or(0);
        // At the least one gram after the other, as many as a step is long, must stand in each literal.
        let fits = |step: &usize| step.saturating_add(N).saturating_sub(1) <= shortest;
        let fitting = || STEPS.into_iter().filter(fits);
        let few = |step: &usize| *step <= 4 || step.saturating_mul(literals.len()) <= ENTRIES;
        let step = fitting().find(few).unwrap_or(1);
        let mut table = Table::default();
        for (id, literal) in literals {
            let Some((first, _)) = rarest::<N>(counts, &literal.bytes, step) else { continue };
            for (before, gram) in grams::<N>(&literal.bytes).enumerate().skip(first).take(step) {
                table.add(*id, literal, gram, before);
            }
        }
        table.finish();
        Self(table, step)
    }

    fn find(&self, text: &[u8], hit: &mut impl FnMut(u32)) {
        match self.1 {
            16 => self.walk::<16>(text, hit),
            8 => self.walk::<8>(text, hit),
            4 => self.walk::<4>(text, hit),
            2 => self.walk::<2>(text, hit),
            _ => self.walk::<1>(text, hit),
        }
    }

    fn walk<const STEP: usize>(&self, text: &[u8], hit: &mut impl FnMut(u32)) {
        let Some(filter) = self.0.filter() else { return };
        let (mut at, mut rest) = (0usize, text);
        while let Some(bytes) = rest.first_chunk() {
            let gram = gram::<N>(bytes);
            if filter.may_hold(gram) {
                self.0.compare(text, at, gram, hit);
            }
            at = at.wrapping_add(STEP);
            rest = rest.get(STEP..).unwrap_or_default();
        }
    }
}
