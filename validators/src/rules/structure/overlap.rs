//! Every byte belongs to one structure.

use super::{AGAIN, structural};
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("overlap.md")]
pub static RULE: Rule = structural(
    122,
    "overlap",
    "every byte belongs to one structure",
    include_str!("overlap.md"),
    Check::BlobBytes(|rule, subject, findings| {
        super::report(rule, ErrorKind::Overlap, AGAIN, subject, findings);
    }),
);
