//! Filters stand behind their event, aggregations behind the first event.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::sysmon::FaultKind;

#[doc = include_str!("structure_order.md")]
pub static RULE: Rule = structural(
    121,
    "structure-order",
    "filters stand behind their event, aggregations behind the first event",
    include_str!("structure_order.md"),
    Check::BlobBytes(|rule, subject, findings| {
        let help = "compile the configuration again, and compare the digest after every transfer";
        super::report_faults(rule, FaultKind::Order, help, subject, findings);
    }),
);
