//! The words and numbers that every format, contract and rule shares.

mod number;
mod word;

pub use number::*;
pub use word::*;
