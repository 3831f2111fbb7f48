//! The text form of a channel file, both ways: one thing a line, comments with `#`, made to be reviewed and diffed.
//!
//! [`print()`] writes the canonical text of an accepted file; [`assemble`] makes the file of a text. Each undoes the
//! other. A text can also describe a broken file: lines at its end damage the bytes that the rest of it makes, so that
//! every fixture can be read. The grammar is in `FORMAT.md`.
//!
//! ```
//! use channel_parser::{channel, text};
//!
//! let form = r"channel-file 1
//! channel 291 part 0 revision 32
//!
//! type 7 revision 1 ipc
//!   field pipe_name
//!
//! detection ipc-0001 level high
//!   include type 7
//!     pipe_name: any of prefix nocase '\msagent_'
//! ";
//! let bytes = text::assemble(form).unwrap();
//! assert_eq!(text::print(&channel::parse(&bytes).unwrap()), form);
//!
//! let torn = text::assemble(&format!("{form}\ntruncate 100\n")).unwrap();
//! assert_eq!(torn.len(), 100);
//! ```

pub(crate) mod damage;
mod line;
mod print;
mod quote;
mod read;

pub use damage::{CellContent, Change, Damage};
pub use print::print;
pub use quote::{Name, Quoted, is_hidden};
pub use read::{Document, parse};

use crate::channel;
use alloc::{string::String, vec::Vec};
use core::fmt;

/// Why a text is no text form of a channel file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
    /// What had to be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, expected, found } = self;
        write!(f, "line {line}, column {column}: expected {expected}, found {found}")
    }
}

impl core::error::Error for TextError {}

/// Makes the bytes that a text describes, damaged as it says.
///
/// # Errors
///
/// What is not in the grammar, what the layout of a channel file cannot say, and what is too large for one.
pub fn assemble(text: &str) -> Result<Vec<u8>, TextError> {
    let Document { draft, damage } = parse(text)?;
    let mut file = channel::encode(&draft).map_err(|error| TextError {
        line: 1,
        column: 1,
        expected: String::from("content that fits a channel file"),
        found: alloc::format!("{error}"),
    })?;
    damage::apply(&mut file, &damage)?;
    Ok(file)
}

/// The example of the front page, as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;
