//! The words and numbers that every format, contract and rule shares, and the views over a channel file's content.
//!
//! The views are those of the channel file only: a rule blob of Sysmon has its own in [`crate::sysmon`].

mod number;
mod view;
mod word;

pub use number::*;
pub use view::*;
pub use word::*;
