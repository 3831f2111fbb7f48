//! A content file holds bytes.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("empty_file.md")]
pub static RULE: Rule = structural(
    101,
    "empty-file",
    "a content file holds bytes",
    include_str!("empty_file.md"),
    Check::Any(|rule, subject, findings| {
        let help =
            "restore the file from where it was built: something between the build and here lost its content";
        super::report(rule, ErrorKind::Empty, help, subject, findings);
    }),
);
