//! An offset points into the blob.

use super::{AGAIN, structural};
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("offset_outside.md")]
pub static RULE: Rule = structural(
    119,
    "offset-outside",
    "an offset points into the blob",
    include_str!("offset_outside.md"),
    Check::BlobBytes(|rule, subject, findings| {
        super::report(rule, ErrorKind::Outside, AGAIN, subject, findings);
    }),
);
