//! Where in lines of JSON the bytes are that end a text, or do not stand for themselves in it: quotation marks, backslashes and
//! controls. They are found for 64 bytes at once, so that what is between them is not looked at.

/// So many bytes are looked at together: a number has a bit for each.
const BLOCK: usize = 64;

/// These bytes of some lines: the bits of all blocks, and none behind them.
pub(super) struct Specials(Vec<u64>);

impl Specials {
    pub fn of(lines: &[u8]) -> Self {
        let (blocks, rest) = lines.as_chunks();
        let mut last = [b' '; BLOCK];
        for (byte, own) in last.iter_mut().zip(rest) {
            *byte = *own;
        }
        Self(blocks.iter().chain([&last]).map(specials).chain([0]).collect())
    }

    /// The bits of as many bytes as a block has, from a place on.
    #[inline]
    pub fn bits(&self, from: usize) -> Option<u64> {
        let [own, more] = self.0.get(from / BLOCK..)?.first_chunk()?;
        let past = (from % BLOCK) as u32;
        Some(own.wrapping_shr(past) | (more << 1).wrapping_shl(63 ^ past))
    }

    /// Where the next one is from a place on.
    #[inline]
    pub fn next(&self, mut from: usize) -> Option<usize> {
        loop {
            let bits = self.bits(from)?;
            if bits != 0 {
                return Some(from.wrapping_add(bits.trailing_zeros() as usize));
            }
            from = from.wrapping_add(BLOCK);
        }
    }
}

/// A bit for each byte, the lowest for the first: whether it is one of them.
fn specials(block: &[u8; BLOCK]) -> u64 {
    let each = block.map(|byte| u8::from((byte == b'"') | (byte == b'\\') | (byte < b' ')));
    let (eights, _) = each.as_chunks();
    // A one in the nth byte ends as the nth bit of the highest byte; no two products meet in a bit.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let gathered = eights.iter().map(|eight| u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56);
    (0u32..).step_by(8).zip(gathered).fold(0, |bits, (place, eight)| bits | eight.wrapping_shl(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_of_these_bytes_is_found_and_no_other(
            line in prop::collection::vec(prop_oneof![prop::sample::select(&b"\"\\\x1f\x20!a\x7f\x80\xff"[..]), any::<u8>()], 0..300),
        ) {
            let known = (0..).zip(&line).filter(|(_, byte)| matches!(byte, b'"' | b'\\' | 0..=0x1f)).map(|(at, _)| at);
            let specials = Specials::of(&line);
            let found = std::iter::successors(specials.next(0), |at| specials.next(at + 1));
            prop_assert_eq!(found.collect::<Vec<_>>(), known.collect::<Vec<usize>>());
        }
    }
}
