//! Detections, clauses and names hold something.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("hollow.md")]
pub static RULE: Rule = structural(
    111,
    "hollow",
    "detections, clauses and names hold something",
    include_str!("hollow.md"),
    Check::Known(|rule, subject, findings| {
        let help = "remove what holds nothing, or give it what it is missing";
        super::report(rule, ErrorKind::Hollow, help, subject, findings);
    }),
);
