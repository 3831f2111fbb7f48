//! An offset points into the blob.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::sysmon::FaultKind;

#[doc = include_str!("offset_outside.md")]
pub static RULE: Rule = structural(
    119,
    "offset-outside",
    "an offset points into the blob",
    include_str!("offset_outside.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again, and compare the digest after every transfer";
        super::report_faults(rule, FaultKind::Outside, help, subject, findings);
    }),
);
