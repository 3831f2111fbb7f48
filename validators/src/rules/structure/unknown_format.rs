//! A content file starts with the bytes of a known format.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("unknown_format.md")]
pub static RULE: Rule = structural(
    103,
    "unknown-format",
    "a content file starts with the bytes of a known format",
    include_str!("unknown_format.md"),
    Check::Any(|rule, subject, findings| {
        let help = "hand in a content file, in the form in which it was built";
        super::report(rule, ErrorKind::Magic, help, subject, findings);
    }),
);
