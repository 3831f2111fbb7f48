//! Every byte belongs to a structure.

use super::{AGAIN, structural};
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("gap.md")]
pub static RULE: Rule = structural(
    124,
    "gap",
    "every byte belongs to a structure",
    include_str!("gap.md"),
    Check::BlobBytes(|rule, subject, findings| {
        super::report(rule, ErrorKind::Gap, AGAIN, subject, findings);
    }),
);
