//! A content file is not only zero bytes.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("all_zero.md")]
pub static RULE: Rule = structural(
    102,
    "all-zero",
    "a content file is not only zero bytes",
    include_str!("all_zero.md"),
    Check::Any(|rule, subject, findings| {
        let help = "restore the file from where it was built: its content never reached the disk";
        super::report(rule, ErrorKind::AllZero, help, subject, findings);
    }),
);
