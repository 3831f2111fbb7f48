//! Every critical section is one that readers know.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("unknown_section.md")]
pub static RULE: Rule = structural(
    108,
    "unknown-section",
    "every critical section is one that readers know",
    include_str!("unknown_section.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "build for readers of this format, or mark the section optional if it can be skipped";
        super::report(rule, ErrorKind::UnknownSection, help, subject, findings);
    }),
);
