//! Template types stand in the order of their ids, none twice.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("type_order.md")]
pub static RULE: Rule = structural(
    113,
    "type-order",
    "template types stand in the order of their ids, none twice",
    include_str!("type_order.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "sort the template types by id, and merge those with the same id";
        super::report(rule, ErrorKind::TypeOrder, help, subject, findings);
    }),
);
