//! A file's name says the same channel, part and revision as its header.

use super::structural;
use crate::rules::{Check, Rule};
use crate::{Finding, Findings, Subject};
use channel_parser::Path;
use channel_parser::channel::FileName;

#[doc = include_str!("file_name.md")]
pub static RULE: Rule = structural(
    117,
    "file-name",
    "a file's name says the same channel, part and revision as its header",
    include_str!("file_name.md"),
    Check::Bytes(check),
);

fn check(rule: &'static Rule, subject: &Subject<'_>, findings: &mut Findings) {
    let last = subject.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let (Some(file), Some(name)) = (subject.file(), FileName::parse(last)) else { return };
    let header = file.header();
    let inside = FileName { channel: header.channel, part: header.part, revision: header.revision };
    if name != inside {
        let message = format!("the file is named {name}, but its header says {inside}");
        findings.push(
            Finding::new(rule, Path::of("header"), message)
                .at(24..36, "channel, part and revision")
                .sides(inside, name)
                .help("rename the file, or build it for the channel, part and revision that it is to be"),
        );
    }
}
