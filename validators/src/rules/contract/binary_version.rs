//! A rule blob has the major version that the sensor reads.

use super::contract;
use crate::rules::{Check, Rule};
use crate::{BlobPairing, Finding, Findings};
use channel_parser::Path;

#[doc = include_str!("binary_version.md")]
pub static RULE: Rule = contract(
    316,
    "binary-version",
    "a rule blob has the major version that the sensor reads",
    include_str!("binary_version.md"),
    Check::BlobSensor(check),
);

fn check(rule: &'static Rule, pairing: &BlobPairing<'_>, findings: &mut Findings) {
    let (found, read) = (pairing.content.blob.version(), pairing.sysmon.binary);
    if pairing.content.subject.made.from_source || found.0 >> 16 == u32::from(read.major()) {
        return;
    }
    let label = pairing.contract().label();
    let message =
        format!("the blob has version {found}, but {label} reads version {}.x only and refuses it", read.major());
    findings.push(
        Finding::new(rule, Path::of("header").then("version"), message)
            .at(0..4, format!("version {found}"))
            .sides(format!("version {}.x", read.major()), found)
            .stated("sysmon.binary", read)
            .help("compile the configuration with the compiler of that sensor's version"),
    );
}
