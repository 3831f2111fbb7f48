//! The version of the format is one that readers know.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("format_version.md")]
pub static RULE: Rule = structural(
    104,
    "format-version",
    "the version of the format is one that readers know",
    include_str!("format_version.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "build the content with a compiler for format version 1";
        super::report(rule, ErrorKind::Version, help, subject, findings);
    }),
);
