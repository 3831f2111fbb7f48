//! Columns of ends never go down and end where their table ends.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("ends.md")]
pub static RULE: Rule = structural(
    110,
    "ends",
    "columns of ends never go down and end where their table ends",
    include_str!("ends.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "build the file again; rows were added to one table and not to the other";
        super::report(rule, ErrorKind::Ends, help, subject, findings);
    }),
);
