//! A sensor reads the format of the content.

use super::contract;
use crate::judge::reads;
use crate::rules::{Check, Rule};
use crate::{Finding, Findings, Member, Subject};
use channel_parser::{Format, Path};

#[doc = include_str!("sensor_format.md")]
pub static RULE: Rule = contract(
    315,
    "sensor-format",
    "a sensor reads the format of the content",
    include_str!("sensor_format.md"),
    Check::Meeting(check),
);

fn check(rule: &'static Rule, subject: &Subject<'_>, member: &Member, findings: &mut Findings) {
    let Some(format) = subject.format.filter(|format| !reads(member, *format)) else { return };
    let (content, taken) = match format {
        Format::Channel => ("a channel file", "rule blobs"),
        Format::Sysmon => ("a rule blob of Sysmon", "channel files"),
    };
    let label = member.contract.label();
    let end = (subject.bytes.len() as u64).min(8);
    findings.push(
        Finding::new(rule, Path::of("header"), format!("the file is {content}, but {label} reads {taken}"))
            .at(0..end, content)
            .sides(taken, content)
            .stated("sysmon", if member.contract.sysmon.is_some() { "there" } else { "not there" })
            .help("judge the file for the sensors that it is for"),
    );
}
