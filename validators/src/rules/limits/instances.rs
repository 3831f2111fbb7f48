//! A file has no more instances than the sensor loads.

use super::{Amount, over};
use crate::rules::{Check, Rule};
use channel_parser::Path;
use channel_parser::channel::Table;

#[doc = include_str!("instances.md")]
pub static RULE: Rule = super::limit(
    204,
    "instances",
    "a file has no more instances than the sensor loads",
    include_str!("instances.md"),
    Check::Sensor(|rule, pairing, findings| {
        let amount = Amount {
            path: Path::of("instances").then("count"),
            span: pairing.file.table(Table::Instances).count_span(),
            found: pairing.file.table(Table::Instances).rows.into(),
            limit: pairing.contract().limits.instances.into(),
            what: "the file",
            of: "instances",
            key: "limits.instances",
            help: "split the content over several files, or drop what is not needed",
        };
        over(rule, pairing, amount, findings);
    }),
);
