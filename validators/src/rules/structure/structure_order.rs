//! Filters stand behind their event, aggregations behind the first event.

use super::{AGAIN, structural};
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("structure_order.md")]
pub static RULE: Rule = structural(
    121,
    "structure-order",
    "filters stand behind their event, aggregations behind the first event",
    include_str!("structure_order.md"),
    Check::BlobBytes(|rule, subject, findings| {
        super::report(rule, ErrorKind::Order, AGAIN, subject, findings);
    }),
);
