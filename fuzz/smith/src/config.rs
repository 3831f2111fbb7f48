//! What kind of content to generate: one field a knob.

/// The knobs of the generator. Whatever they say, the contract's limits hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// At most so many detections.
    pub detections: u32,
    /// At most so many instances in a detection, those that exclude included.
    pub instances: u32,
    /// At most so many clauses in a criterion.
    pub clauses: u32,
    /// At most so many patterns in a clause.
    pub patterns: u32,
    /// Of a hundred fields that a criterion could look at, how many are no wildcard; at least one of an instance is.
    pub density: u8,
    /// At most so many template types.
    pub types: u32,
    /// At most so many bytes of a text operand.
    pub operand_bytes: u32,
    /// Whether text beyond ASCII is used: characters that fold to another length, and those that fold to none.
    pub unicode: bool,
    /// Whether sections are added that no reader knows and every reader skips.
    pub extra_sections: bool,
}

impl Default for Config {
    /// Small content of all kinds: what a fuzzer works through fastest.
    fn default() -> Self {
        Self {
            detections: 4,
            instances: 3,
            clauses: 2,
            patterns: 3,
            density: 40,
            types: 3,
            operand_bytes: 24,
            unicode: true,
            extra_sections: false,
        }
    }
}
