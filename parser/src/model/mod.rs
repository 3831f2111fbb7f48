//! The words that every format, contract and rule shares, and the view of content that all formats have in common.
//!
//! Rules, interpreter and generator see a content file only through these views. Today the channel file stands behind
//! them; how a format stores what they show is its own affair.

mod number;
mod view;
mod word;

pub use number::*;
pub use view::*;
pub use word::*;
