//! Content holds at least one detection.

use crate::rules::{Check, Rule};
use crate::{ChannelContent, Finding, Findings};
use channel_parser::Path;
use channel_parser::channel::Table;

#[doc = include_str!("no_detection.md")]
pub static RULE: Rule = super::meaning(
    402,
    "no-detection",
    "content holds at least one detection",
    include_str!("no_detection.md"),
    Check::Content(check),
);

fn check(rule: &'static Rule, content: &ChannelContent<'_>, findings: &mut Findings) {
    if content.file.detections().len() == 0 && !channel_parser::planted!("emptied-file") {
        let span = content.file.table(Table::Detections).count_span();
        findings.push(
            Finding::new(rule, Path::of("detections").then("count"), "the file holds no detection")
                .at(span, "no detection")
                .sides("at least 1 detection", "none")
                .help("find out where the content was lost; withdraw a file by removing it, not by emptying it"),
        );
    }
}
