//! An operand is one that its operator can take.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("operand.md")]
pub static RULE: Rule = structural(
    116,
    "operand",
    "an operand is one that its operator can take",
    include_str!("operand.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "write the operand as FORMAT.md says for its operator";
        super::report(rule, ErrorKind::Operand, help, subject, findings);
    }),
);
