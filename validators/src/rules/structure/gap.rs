//! Every byte belongs to a structure.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::sysmon::FaultKind;

#[doc = include_str!("gap.md")]
pub static RULE: Rule = structural(
    124,
    "gap",
    "every byte belongs to a structure",
    include_str!("gap.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again, and compare the digest after every transfer";
        super::report_faults(rule, FaultKind::Gap, help, subject, findings);
    }),
);
