//! The checksum that ends a channel file. It finds torn, zero-filled and damaged writes; it is no signature.
//!
//! Two numbers run in each of eight lanes over the 64-bit words of the file: a sum, and a sum of those sums that also
//! folds its own high bits down. Additions, shifts and exclusive ors of whole rows of lanes are what every compiler
//! turns into vector code without help, at about the speed at which the bytes can be read; a table-driven CRC is ten
//! times slower, and a fast one needs instructions that safe code cannot name.

const LANES: usize = 8;
const BLOCK: usize = LANES * 8;

/// Odd, so that multiplying by its powers loses nothing: the golden ratio in 64 bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The checksum of bytes, in the order in which the file stores its two numbers.
///
/// A change confined to one 64-bit word always changes the first number.
pub fn checksum(bytes: &[u8]) -> [u64; 2] {
    let mut state = State { sums: [0; LANES], folds: [0; LANES] };
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        state.block(block);
    }
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        state.block(&last);
    }
    state.finish()
}

struct State {
    sums: [u64; LANES],
    folds: [u64; LANES],
}

impl State {
    fn block(&mut self, block: &[u8; BLOCK]) {
        let (words, _) = block.as_chunks::<8>();
        for ((sum, fold), word) in self.sums.iter_mut().zip(&mut self.folds).zip(words) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*word));
            *fold = (*fold ^ (*fold >> 29)).wrapping_add(*sum);
        }
    }

    fn finish(self) -> [u64; 2] {
        let spread = |lanes: [u64; LANES]| {
            lanes.iter().fold(0u64, |all, lane| all.wrapping_add(*lane).wrapping_mul(SPREAD))
        };
        [spread(self.sums), spread(self.folds)]
    }
}
