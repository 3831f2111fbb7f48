//! Every limit of the compilers, in one place. Each is checked before the memory it bounds is taken.

/// Bytes of one source file.
pub const SOURCE_BYTES: usize = 8 << 20;
/// YAML nodes of one source file; an alias counts as all that it stands for.
pub const NODES: usize = 1 << 20;
/// Levels of nesting, in YAML and in conditions.
pub const DEPTH: usize = 48;
/// Bytes of one scalar.
pub const SCALAR_BYTES: usize = 64 << 10;
/// Selections of one rule.
pub const SELECTIONS: usize = 1 << 12;
/// Nodes of one rule's condition after the selections it names were put in.
pub const EXPRESSION_NODES: usize = 1 << 16;
/// Instances of one detection. SigmaHQ's Windows rules need at most 28.
pub const INSTANCES: usize = 256;
/// Patterns of one detection, over all its instances.
pub const PATTERNS: usize = 1 << 16;
/// Spellings that one value may expand to (`windash`: five to the power of its dashes).
pub const SPELLINGS: usize = 1 << 12;
/// Bytes of memory that a compiled regular expression may take.
pub const REGEX_BYTES: usize = 4 << 20;
/// Bytes of a source map in JSON.
pub const MAP_BYTES: usize = 64 << 20;
/// Characters `<` and `=` in one XML file: the tree takes memory by their number.
pub const XML_MARKS: usize = 1 << 18;
/// Attributes of one XML element: each is compared with each.
pub const XML_ATTRIBUTES: usize = 16;
/// Refusals of one Sysmon configuration that are kept.
pub const REFUSALS: usize = 1 << 10;
