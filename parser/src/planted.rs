//! The switch of the planted bugs: faults put in on purpose, to see whether the fuzz targets find them. It exists with
//! `--cfg planted` only, which nothing that ships is built with; the list of the bugs is in `channel-fuzz`.

use core::sync::atomic::{AtomicU64, Ordering};

/// The bug that is active, by its number; 0 for none.
static ACTIVE: AtomicU64 = AtomicU64::new(0);

/// The number of a name: FNV-1a, so that asking costs one comparison.
pub const fn number(name: &str) -> u64 {
    let (mut hash, mut rest) = (0xcbf2_9ce4_8422_2325_u64, name.as_bytes());
    while let [byte, after @ ..] = rest {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
        rest = after;
    }
    hash
}

/// Makes one bug active, and every other one harmless.
pub fn activate(name: &str) {
    ACTIVE.store(number(name), Ordering::Relaxed);
}

/// Whether the bug with this number is active.
#[inline]
pub fn is_active(number: u64) -> bool {
    ACTIVE.load(Ordering::Relaxed) == number
}
