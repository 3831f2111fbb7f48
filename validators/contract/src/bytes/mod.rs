//! The byte form: what the section `.chanctr` of a sensor binary holds. `FORMAT.md` describes it byte by byte.
//!
//! A section is a sequence of records, each possibly from another translation unit, with zeros before, between and
//! after them, as linkers pad. This module knows nothing of binaries: it sees the section's bytes.

mod read;
mod record;
mod sysmon;
mod write;

pub use read::read;
pub use record::seal;
pub use write::write;

/// The name of the section in ELF and PE.
pub const SECTION: &str = ".chanctr";
/// The segment of the section in Mach-O.
pub const MACH_SEGMENT: &str = "__DATA";
/// The name of the section in Mach-O.
pub const MACH_SECTION: &str = "__chanctr";

/// The longest record that a reader takes: more than [`MAX_FIELDS`] need.
pub const MAX_RECORD: u32 = 1 << 20;
/// The largest number of fields in a template type.
pub const MAX_FIELDS: u32 = 4096;

/// The largest number of Sysmon's filter operators.
pub const MAX_FILTERS: u32 = 4096;

/// The first bytes of a record; not zero, so that it cannot be padding.
const MAGIC: [u8; 8] = *b"\x89CHANCTR";
const VERSION: u16 = 1;
const HEAD: usize = 24;
const SENSOR_LEN: usize = 416;
const TYPE_HEAD: usize = 128;
const FIELD_LEN: usize = 88;
const SYSMON_HEAD: usize = 40;
const EVENT_LEN: usize = 8;
const TEXT: usize = 80;
const CHECKSUM_AT: core::ops::Range<usize> = 16..24;
const SEAL_AT: usize = 11;

/// What a record describes.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Sensor = 1,
    TemplateType = 2,
    Sysmon = 3,
}

/// The sum of every byte, its position with it: byte `i` counts `1 + (i + 1) * 2^32` times, modulo 2^64. The bytes of
/// the checksum itself count as zeros. A preprocessor can compute it, and no change of one or two bytes escapes it.
fn checksum(record: &[u8]) -> u64 {
    let (mut sum, mut weight) = (0_u64, 1_u64);
    for (i, byte) in record.iter().enumerate() {
        weight = weight.wrapping_add(1 << 32);
        if !CHECKSUM_AT.contains(&i) {
            sum = sum.wrapping_add(u64::from(*byte).wrapping_mul(weight));
        }
    }
    sum
}
