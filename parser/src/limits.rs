//! Every limit of the reader and the writer, each with its reason. A sensor's own limits are in its contract.

/// Bytes of one content file: four times the largest ruleset we know of, still mapped at once by any sensor.
pub const FILE_BYTES: u64 = 256 << 20;

/// Sections of one channel file, those unknown to this reader included.
pub const SECTIONS: u32 = 64;

/// Rows of one table. Every index and every count then fits 32 bits with room for sums of two.
pub const ROWS: u32 = 1 << 28;
