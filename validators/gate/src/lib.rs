//! Brings judge and executor together: runs every criterion of content before it ships, and shows the event that would
//! have crashed a sensor.
//!
//! What it leaves to others: what content must be like (`channel-validators`), what it matches (`channel-interpreter`).
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod complete;
pub mod consumer;
pub mod events;
mod execute;
pub mod known_good;
pub mod neighbours;
mod record;
pub mod rules;
pub mod sight;
mod steer;
pub mod witness;

pub use complete::{complete, judge, turned_off};
pub use execute::{
    Crowd, Execution, Faulted, Reason, Together, Undecided, execute, execute_blob, execute_blob_seen,
    execute_seen,
};
pub use record::{OwnedInput, Record, View};
