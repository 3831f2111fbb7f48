//! A number that repeats a run: the choices that a fuzzer would make, made from it.

use arbitrary::Unstructured;

/// Choices from a number. The same number always makes the same choices.
#[derive(Clone, Debug)]
pub struct Seed(Vec<u8>);

/// How many bytes of choices there are; a generator that runs out of them takes the least choice.
const BYTES: usize = 1 << 14;

impl Seed {
    /// The choices of a number.
    pub fn new(seed: u64) -> Self {
        Self::short(seed, BYTES)
    }

    /// So many bytes of choices, up to a multiple of eight; made faster than all of them.
    pub fn short(seed: u64, bytes: usize) -> Self {
        let mut state = seed;
        Self((0..bytes.div_ceil(8)).flat_map(|_| next(&mut state).to_le_bytes()).collect())
    }

    /// The choices of one of many runs under one number, each by itself, so that runs can be made in any order. The
    /// number is mixed first: the runs of one number are not those of the next, moved by one.
    pub fn nth(seed: u64, nth: u64, bytes: usize) -> Self {
        let mut state = seed;
        Self::short(next(&mut state).wrapping_add(nth), bytes)
    }

    /// The choices as bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The choices from their beginning.
    pub fn choices(&self) -> Unstructured<'_> {
        Unstructured::new(&self.0)
    }
}

/// SplitMix64, Steele, Lea and Flood 2014: every seed gives another sequence, no state but a counter.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
