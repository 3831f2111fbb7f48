//! The sensor contract: what one sensor build really supplies and tolerates. The sensor is the truth, not a schema
//! document, so a contract is produced where the sensor is built and carried inside its binary.
//!
//! What it leaves to others: whether content suits a contract (`channel-validators`) and what content does under one
//! (`channel-interpreter`).
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(any(all(feature = "toml", feature = "binary"), feature = "sysmon", feature = "testing"))]
extern crate std;

#[cfg(feature = "binary")]
pub mod binary;
pub mod bytes;
mod diff;
mod error;
mod lint;
#[cfg(all(feature = "toml", feature = "binary"))]
mod load;
mod model;
mod operators;
pub mod sysmon;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
#[cfg(feature = "toml")]
pub mod toml;
mod width;

pub use diff::{Change, ChangeKind, diff};
pub use error::{Error, ErrorKind};
pub use lint::{LINTS, LintFinding, lint};
#[cfg(all(feature = "toml", feature = "binary"))]
pub use load::{Loaded, MAX_FILE, load, load_bytes, load_folder};
pub use model::{Contract, Field, Limits, Sensor, TemplateType};
pub use operators::OperatorSet;
pub use text::MAX_TEXT;
pub use width::{Width, Widths};

/// The examples of the README run.
#[cfg(all(doctest, feature = "toml", feature = "binary"))]
#[doc = include_str!("../README.md")]
struct Readme;
