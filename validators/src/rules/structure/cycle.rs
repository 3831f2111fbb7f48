//! Every list comes to an end.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::sysmon::FaultKind;

#[doc = include_str!("cycle.md")]
pub static RULE: Rule = structural(
    123,
    "cycle",
    "every list comes to an end",
    include_str!("cycle.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again, and compare the digest after every transfer";
        super::report_faults(rule, FaultKind::Cycle, help, subject, findings);
    }),
);
