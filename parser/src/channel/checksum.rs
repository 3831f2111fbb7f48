//! The checksum that ends a channel file. It finds torn, zero-filled and damaged writes; it is no signature.
//!
//! Two numbers run in each of eight lanes over the 64-bit words of the file: a sum, and a sum of those sums that also
//! folds its own high bits down. Additions, shifts and exclusive ors of whole rows of lanes are what every compiler
//! turns into vector code without help, at about the speed at which the bytes can be read. A CRC from tables looks at
//! every byte by itself, and a fast one needs instructions that safe code cannot name.

const LANES: usize = 8;
const BLOCK: usize = LANES * 8;

/// Odd, so that multiplying by its powers loses nothing: the golden ratio in 64 bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The checksum of bytes, in the order in which the file stores its two numbers.
///
/// A change confined to one 64-bit word always changes the first number.
pub fn checksum(bytes: &[u8]) -> [u64; 2] {
    let (mut sums, mut folds) = ([0; LANES], [0; LANES]);
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        add(&mut sums, &mut folds, block);
    }
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        add(&mut sums, &mut folds, &last);
    }
    [spread(&sums), spread(&folds)]
}

/// Adds a block to both numbers of every lane. One loop a step: each becomes a few vector instructions.
#[inline(always)]
fn add(sums: &mut [u64; LANES], folds: &mut [u64; LANES], block: &[u8; BLOCK]) {
    let mut words = [0; LANES];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    for (sum, word) in sums.iter_mut().zip(words) {
        *sum = sum.wrapping_add(word);
    }
    for (fold, sum) in folds.iter_mut().zip(sums) {
        *fold = (*fold ^ (*fold >> 29)).wrapping_add(*sum);
    }
}

/// One number of the eight lanes. Not inlined: its chain of multiplications would talk the compiler out of keeping the
/// lanes in vectors, which halves the speed.
#[inline(never)]
fn spread(lanes: &[u64; LANES]) -> u64 {
    lanes.iter().fold(0, |all, lane| lane.wrapping_add(all).wrapping_mul(SPREAD))
}
