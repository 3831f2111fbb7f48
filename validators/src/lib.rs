//! The rules that decide whether a content file suits a fleet of sensors, and the reports of what they found.
//!
//! It knows files and contracts, never the interpreter: that is a second reading of a contract, made independently so
//! that the two cannot share a mistake. It opens no files and prints nothing.
//!
//! # Example
//!
//! ```
//! use channel_validators::{Subject, Verdict, judge};
//!
//! let judgement = judge(&Subject::read("C-00000291-00000000-00000032.sys", b""), &[]);
//! assert_eq!(judgement.verdict, Verdict::Fail);
//! assert_eq!(judgement.findings[0].code.to_string(), "CG101");
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod blob;
mod cover;
mod diagnostic;
mod extend;
mod judge;
mod minimum;
mod pairing;
mod regexes;
pub mod report;
pub mod rules;
mod subject;

pub use blob::{BlobContent, BlobEvent, BlobFilter, BlobPairing, Fit, OnSensor};
pub use diagnostic::{Code, Finding, Findings, Label, Severity, SourcePlace};
pub use extend::{Addition, Executed, KnownEvents, Replay, Shown, Witness};
pub use judge::{Because, Judgement, RuleStatus, SensorStatus, Status, Verdict, judge, judge_structure};
pub use minimum::{MinimumSchema, Need, minimum_schema};
pub use pairing::{ChannelContent, Key, Known, Pairing, Understood};
pub use subject::{Made, Member, Subject, digest};
