//! Every list comes to an end.

use super::{AGAIN, structural};
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("cycle.md")]
pub static RULE: Rule = structural(
    123,
    "cycle",
    "every list comes to an end",
    include_str!("cycle.md"),
    Check::BlobBytes(|rule, subject, findings| {
        super::report(rule, ErrorKind::Cycle, AGAIN, subject, findings);
    }),
);
