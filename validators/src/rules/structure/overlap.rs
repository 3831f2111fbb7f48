//! Every byte belongs to one structure.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::sysmon::FaultKind;

#[doc = include_str!("overlap.md")]
pub static RULE: Rule = structural(
    122,
    "overlap",
    "every byte belongs to one structure",
    include_str!("overlap.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again, and compare the digest after every transfer";
        super::report_faults(rule, FaultKind::Overlap, help, subject, findings);
    }),
);
