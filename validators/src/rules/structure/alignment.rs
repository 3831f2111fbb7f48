//! A structure starts at a multiple of eight.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::sysmon::FaultKind;

#[doc = include_str!("alignment.md")]
pub static RULE: Rule = structural(
    120,
    "alignment",
    "a structure starts at a multiple of eight",
    include_str!("alignment.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again, and compare the digest after every transfer";
        super::report_faults(rule, FaultKind::Alignment, help, subject, findings);
    }),
);
