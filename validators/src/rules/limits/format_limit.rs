//! A file keeps within the limits of the format itself.

use crate::rules::{Check, Rule, structure};
use channel_parser::ErrorKind;

#[doc = include_str!("format_limit.md")]
pub static RULE: Rule = super::limit(
    201,
    "format-limit",
    "a file keeps within the limits of its format",
    include_str!("format_limit.md"),
    Check::Known(|rule, subject, findings| {
        let help = "leave out what is not needed, or split the content over several files";
        structure::report(rule, ErrorKind::Limit, help, subject, findings);
    }),
);
