//! A file is as long as its header says.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;
use channel_parser::sysmon::FaultKind;

#[doc = include_str!("length.md")]
pub static RULE: Rule = structural(
    105,
    "length",
    "a file is as long as its header says",
    include_str!("length.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "transfer the file again, and compare its digest with that of the build";
        super::report(rule, ErrorKind::Length, help, subject, findings);
    }),
)
.and(Check::BlobBytes(|rule, subject, findings| {
    let help = "compile the configuration again, and compare the digest after every transfer";
    super::report_faults(rule, FaultKind::Length, help, subject, findings);
}));
