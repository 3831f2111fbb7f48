//! Bytes to a located view of a content file, and back.
//!
//! What it leaves to others: whether the content suits a sensor (`channel-validators`), what it matches
//! (`channel-interpreter`), where it comes from (`channel-sources`). The format is specified byte by byte in
//! `FORMAT.md`.
//!
//! # Hostile bytes
//!
//! Every input is safe to read: no panic, no allocation by the reader, no recursion, time linear in the length of
//! the input. A count read from a file is compared with the bytes that are there before anything is done with it.
//!
//! # Example
//!
//! ```
//! use channel_parser::{channel, draft::Draft};
//!
//! let bytes = channel::encode(&Draft::default()).unwrap();
//! let file = channel::parse(&bytes).unwrap();
//! assert_eq!(file.detections().count(), 0);
//!
//! let error = channel::parse(&bytes[..bytes.len() - 1]).unwrap_err();
//! assert_eq!(error.to_string(), "the file is not as long as it says: expected 312 bytes, found 311 bytes");
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice
)]
// An error is made once for a refused file and must not allocate; a box would save nothing.
#![allow(clippy::result_large_err)]

// Indices and lengths of 32 bits become `usize` in many places: here it is proved that none of them is cut.
const _: () = assert!(usize::BITS >= 32, "the reader needs addresses of 32 bits or more");

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(planted)]
pub mod planted;

/// Whether a planted bug is active. A constant, `false`, in everything that ships.
#[cfg(not(planted))]
#[doc(hidden)]
#[macro_export]
macro_rules! planted {
    ($name:literal) => {
        false
    };
}

/// Whether a planted bug is active.
#[cfg(planted)]
#[macro_export]
macro_rules! planted {
    ($name:literal) => {
        $crate::planted::is_active(const { $crate::planted::number($name) })
    };
}

pub mod channel;
#[cfg(feature = "alloc")]
pub mod draft;
mod error;
mod format;
pub mod limits;
pub mod model;
pub mod sysmon;
#[cfg(feature = "alloc")]
pub mod text;

pub use error::{Error, ErrorKind, Path, Value};
pub use format::Format;
