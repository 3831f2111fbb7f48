//! A file is as long as it says.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("length.md")]
pub static RULE: Rule = structural(
    105,
    "length",
    "a file is as long as it says",
    include_str!("length.md"),
    Check::Known(|rule, subject, findings| {
        let help = "transfer the file again, and compare its digest with that of the build";
        super::report(rule, ErrorKind::Length, help, subject, findings);
    }),
);
