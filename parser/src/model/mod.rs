//! What every format shares: the words and numbers, and the views over content in which rules, interpreter and
//! generator see all formats alike.

mod number;
pub mod view;
mod word;

pub use number::*;
pub use word::*;
