//! A file has no more detections than the sensor loads.

use super::{Amount, over};
use crate::rules::{Check, Rule};
use channel_parser::Path;
use channel_parser::channel::Table;

#[doc = include_str!("detections.md")]
pub static RULE: Rule = super::limit(
    203,
    "detections",
    "a file has no more detections than the sensor loads",
    include_str!("detections.md"),
    Check::Sensor(|rule, pairing, findings| {
        let amount = Amount {
            path: Path::of("detections").then("count"),
            span: pairing.file.table(Table::Detections).count_span(),
            found: pairing.file.table(Table::Detections).rows.into(),
            limit: pairing.contract().limits.detections.into(),
            what: "the file",
            of: "detections",
            key: "limits.detections",
            help: "split the content over several files, or drop what is not needed",
        };
        over(rule, pairing, amount, findings);
    }),
);
