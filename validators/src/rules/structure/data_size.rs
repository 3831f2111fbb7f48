//! The data of a filter is a whole number of UTF-16 units.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("data_size.md")]
pub static RULE: Rule = structural(
    126,
    "data-size",
    "the data of a filter is a whole number of UTF-16 units",
    include_str!("data_size.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again; no compiler writes such a filter";
        super::report(rule, ErrorKind::DataSize, help, subject, findings);
    }),
);
