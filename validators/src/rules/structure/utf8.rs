//! Text is UTF-8.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("utf8.md")]
pub static RULE: Rule = structural(
    115,
    "utf8",
    "text is UTF-8",
    include_str!("utf8.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "write the text as UTF-8";
        super::report(rule, ErrorKind::Utf8, help, subject, findings);
    }),
);
