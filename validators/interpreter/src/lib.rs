//! Evaluates content on the inputs of an event, as a sensor does: a second reading of a contract, independent of the
//! validator. What would crash a sensor that trusts its content, or make it do what nobody wrote, is a [`Fault`]: a
//! value with its place.
//!
//! What it leaves to others: whether content may ship (`channel-validators`), which events are worth trying
//! (`channel-gate`).
//!
//! # Example
//!
//! ```
//! use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType};
//! use channel_interpreter::{Event, FaultKind, Input, Interpreter, NoRegexes};
//! use channel_parser::model::{InputType, TypeId};
//! use channel_parser::{channel, text};
//!
//! let bytes = text::assemble(r"
//! channel-file 1
//! channel 291 part 0 revision 33
//!
//! type 7 revision 1 ipc
//!   field pipe_name
//!   field user
//!
//! detection ipc-0001 level high
//!   include type 7
//!     pipe_name: any of prefix nocase '\msagent_'
//!     user: any of exact 'system'
//! ").unwrap();
//! let file = channel::parse(&bytes).unwrap();
//!
//! // A sensor that defines two fields and supplies one input.
//! let field = |name: &str| Field { name: name.into(), input: InputType::Text, nullable: false, max_bytes: 64 };
//! let ipc = TemplateType { id: TypeId(7), fields: vec![field("pipe_name"), field("user")], supplied: 1, ..Default::default() };
//! let limits = Limits { work_per_event: 100, ..Default::default() };
//! let contract = Contract { types: vec![ipc], operators: OperatorSet::all(), limits, ..Default::default() };
//!
//! let interpreter = Interpreter::new(&file, &contract, NoRegexes);
//! let run = |pipe| interpreter.run(&Event { template: TypeId(7), inputs: &[Some(Input::Text(pipe))] }, &mut ());
//! assert!(run(r"\other").is_ok());
//! let fault = run(r"\MSAgent_1f").unwrap_err();
//! assert_eq!((fault.kind, fault.path.to_string().as_str()), (FaultKind::PastInputs, "instances[0].criteria[1]"));
//! assert_eq!(fault.to_string(), "an input is read that the sensor does not supply: expected below 1, found 1");
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
pub mod text;

#[cfg(feature = "automata")]
pub use automata::Automata;
#[cfg(feature = "automata")]
pub use engine::{Engine, Scratch};
pub use event::{Event, Input};
pub use fault::{Fault, FaultKind};
pub use interpreter::{Interpreter, NoRegexes, Outcome, Regexes, Watch};
