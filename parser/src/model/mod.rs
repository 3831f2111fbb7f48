//! The words that every format, contract and rule shares: operators, quantifiers, levels, input types and the
//! numbers that name things. Nothing here knows how a file stores them.

mod number;
mod word;

pub use number::*;
pub use word::*;
