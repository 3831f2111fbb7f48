//! A file is no larger than the sensor reads.

use super::{Amount, over};
use crate::rules::{Check, Rule};
use channel_parser::Path;

#[doc = include_str!("file_bytes.md")]
pub static RULE: Rule = super::limit(
    202,
    "file-bytes",
    "a file is no larger than the sensor reads",
    include_str!("file_bytes.md"),
    Check::Sensor(|rule, pairing, findings| {
        let amount = Amount {
            path: Path::of("header").then("length"),
            span: 16..24,
            found: pairing.file.bytes().len() as u64,
            limit: pairing.contract().limits.file_bytes,
            what: "the file",
            of: "bytes",
            key: "limits.file_bytes",
            help: "split the content over several files, or leave this sensor out of the release",
        };
        over(rule, pairing, amount, findings);
    }),
);
