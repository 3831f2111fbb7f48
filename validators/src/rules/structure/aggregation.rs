//! A filter and its aggregation name each other.

use super::{AGAIN, structural};
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("aggregation.md")]
pub static RULE: Rule = structural(
    128,
    "aggregation",
    "a filter and its aggregation name each other",
    include_str!("aggregation.md"),
    Check::BlobBytes(|rule, subject, findings| {
        super::report(rule, ErrorKind::Aggregation, AGAIN, subject, findings);
    }),
);
