//! Reserved bytes are zero.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("reserved.md")]
pub static RULE: Rule = structural(
    112,
    "reserved",
    "reserved bytes are zero",
    include_str!("reserved.md"),
    Check::Known(|rule, subject, findings| {
        let help = "write zero there: a later version of the format may give these bytes a meaning";
        super::report(rule, ErrorKind::Reserved, help, subject, findings);
    }),
);
