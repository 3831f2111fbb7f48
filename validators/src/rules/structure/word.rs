//! Operators, quantifiers and levels are ones that the format has.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("word.md")]
pub static RULE: Rule = structural(
    114,
    "word",
    "operators, quantifiers and levels are ones that the format has",
    include_str!("word.md"),
    Check::Known(|rule, subject, findings| {
        let help = "use a word of the format; its specification lists their numbers";
        super::report(rule, ErrorKind::Word, help, subject, findings);
    }),
);
