//! A count is that of its list.

use super::{AGAIN, structural};
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("count.md")]
pub static RULE: Rule = structural(
    125,
    "count",
    "a count is that of its list",
    include_str!("count.md"),
    Check::BlobBytes(|rule, subject, findings| {
        super::report(rule, ErrorKind::Count, AGAIN, subject, findings);
    }),
);
