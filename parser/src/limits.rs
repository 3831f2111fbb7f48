//! Every limit of the reader and the writer, each with its reason. A sensor's own limits are in its contract.

/// Bytes of one content file: four times the largest ruleset we know of, still mapped at once by any sensor.
pub const FILE_BYTES: u64 = 256 << 20;

/// Sections of one channel file, those unknown to this reader included.
pub const SECTIONS: u32 = 64;

/// Rows of one table. Every index and every count then fits 32 bits with room for sums of two.
pub const ROWS: u32 = 1 << 28;

/// Criteria of one text form: forty times those of the largest ruleset we know of. A line of a few bytes can ask for
/// as many criteria as it likes, so that here the length of the text bounds nothing.
pub const TEXT_CRITERIA: usize = 1 << 22;

/// Lines of damage in one text form. Each is compared with every cell of the file.
pub const DAMAGE: usize = 64;
