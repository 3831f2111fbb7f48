//! A filter and its aggregation name each other.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::sysmon::FaultKind;

#[doc = include_str!("aggregation.md")]
pub static RULE: Rule = structural(
    128,
    "aggregation",
    "a filter and its aggregation name each other",
    include_str!("aggregation.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again, and compare the digest after every transfer";
        super::report_faults(rule, FaultKind::Aggregation, help, subject, findings);
    }),
);
