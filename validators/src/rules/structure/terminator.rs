//! Text ends with one zero.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("terminator.md")]
pub static RULE: Rule = structural(
    127,
    "terminator",
    "text ends with one zero",
    include_str!("terminator.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again; no compiler writes such text";
        super::report(rule, ErrorKind::Terminator, help, subject, findings);
    }),
);
