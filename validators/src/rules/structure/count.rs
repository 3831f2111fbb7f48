//! A count is that of its list.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::sysmon::FaultKind;

#[doc = include_str!("count.md")]
pub static RULE: Rule = structural(
    125,
    "count",
    "a count is that of its list",
    include_str!("count.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again, and compare the digest after every transfer";
        super::report_faults(rule, FaultKind::Count, help, subject, findings);
    }),
);
