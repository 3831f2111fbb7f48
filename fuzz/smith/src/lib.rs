//! Generates content that suits a contract, breaks exactly one thing of it and says which finding must follow, changes
//! real files structurally, and shrinks a file while something about it stays true.
//!
//! What it leaves to others: whether content suits a sensor. It never asks the validator or the interpreter: judge,
//! executor and generator are three readings of one contract, and cannot share a mistake.
//!
//! Choices are read from bytes ([`arbitrary::Unstructured`]), so that a fuzzer steers them and a seed repeats them.
//!
//! ```
//! use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType};
//! use channel_parser::{channel, model::{InputType, TypeId}};
//! use channel_smith::{Config, Seed, generate};
//!
//! let image = Field { name: "Image".into(), input: InputType::Text, nullable: false, max_bytes: 64 };
//! let process = TemplateType {
//!     id: TypeId(1), name: "process".into(), fields: vec![image], supplied: 1, instance_cap: 9, ..Default::default()
//! };
//! let limits = Limits {
//!     file_bytes: 1 << 20, detections: 9, instances: 9, clauses_per_criterion: 2, patterns_per_clause: 3,
//!     operand_bytes: 32, automaton_bytes: 1 << 20, work_per_event: 99, ..Default::default()
//! };
//! let contract = Contract { types: vec![process], limits, operators: OperatorSet::all(), ..Default::default() };
//!
//! let seed = Seed::new(1);
//! let draft = generate::content(&mut seed.choices(), &contract, &Config::default()).unwrap().unwrap();
//! let bytes = channel::encode(&draft).unwrap();
//! assert!(channel::parse(&bytes).is_ok());
//! assert_eq!(generate::content(&mut seed.choices(), &contract, &Config::default()).unwrap(), Some(draft));
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod breaks;
mod config;
pub mod generate;
pub mod mutate;
mod parsed;
mod schema;
mod seed;
pub mod shrink;
#[cfg(feature = "proptest")]
pub mod strategy;

pub use config::Config;
pub use seed::Seed;
