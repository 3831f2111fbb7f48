//! Evaluates content on the inputs of an event, as a sensor does: a second reading of a contract, independent of the
//! validator. What would crash a sensor that trusts its content, or make it do what nobody wrote, is a [`Fault`]: a
//! value with its place.
//!
//! The README has an example, and says which fault shows what each rule of the validator prevents. What it leaves to
//! others: whether content may ship (`channel-validators`), which events are worth trying (`channel-gate`).
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
// A fault ends the run, and must not allocate; a box would save nothing.
#![allow(clippy::result_large_err)]

#[cfg(any(feature = "automata", test))]
extern crate alloc;

#[cfg(feature = "automata")]
mod automata;
#[cfg(feature = "automata")]
mod engine;
mod event;
mod fault;
mod interpreter;
mod load;
pub mod sysmon;
pub mod text;

#[cfg(feature = "automata")]
pub use automata::Automata;
#[cfg(feature = "automata")]
pub use engine::{Engine, Scratch};
pub use event::{Event, Input};
pub use fault::{Fault, FaultKind};
pub use interpreter::{Interpreter, NoRegexes, Outcome, Regexes, Watch};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
