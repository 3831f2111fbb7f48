//! Bytes to a located view of a content file, and back.
//!
//! What it leaves to others: whether the content suits a sensor (`channel-validators`), what it matches
//! (`channel-interpreter`), where it comes from (`channel-sources`).
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "alloc")]
pub mod draft;
pub mod model;
