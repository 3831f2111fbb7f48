//! Every reference of the content points at something in it.

use super::contract;
use crate::rules::{Check, Rule, structure};
use channel_parser::ErrorKind;

#[doc = include_str!("dangling_reference.md")]
pub static RULE: Rule = contract(
    313,
    "dangling-reference",
    "every reference of the content points at something in it",
    include_str!("dangling_reference.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "add the template type to the content, or drop the instance";
        structure::report(rule, ErrorKind::Reference, help, subject, findings);
    }),
);
