//! A structure starts at a multiple of eight.

use super::{AGAIN, structural};
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("alignment.md")]
pub static RULE: Rule = structural(
    120,
    "alignment",
    "a structure starts at a multiple of eight",
    include_str!("alignment.md"),
    Check::BlobBytes(|rule, subject, findings| {
        super::report(rule, ErrorKind::Alignment, AGAIN, subject, findings);
    }),
);
