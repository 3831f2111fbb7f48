//! The checksum matches the bytes before it.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("checksum.md")]
pub static RULE: Rule = structural(
    106,
    "checksum",
    "the checksum matches the bytes before it",
    include_str!("checksum.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "transfer or build the file again: it is not what was written";
        super::report(rule, ErrorKind::Checksum, help, subject, findings);
    }),
);
