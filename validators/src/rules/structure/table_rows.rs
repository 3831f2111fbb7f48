//! The rows of a table fill its section.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("table_rows.md")]
pub static RULE: Rule = structural(
    109,
    "table-rows",
    "the rows of a table fill its section",
    include_str!("table_rows.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "build the file again; the count and the columns were not written together";
        super::report(rule, ErrorKind::Rows, help, subject, findings);
    }),
);
