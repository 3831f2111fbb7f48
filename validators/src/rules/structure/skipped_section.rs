//! Tells which sections readers skip, so that nothing in a file goes unjudged in silence.

use super::structural;
use crate::rules::{Check, Rule};
use crate::{Finding, Severity};
use channel_parser::Path;

#[doc = include_str!("skipped_section.md")]
pub static RULE: Rule = Rule {
    severity: Severity::Note,
    ..structural(
        118,
        "skipped-section",
        "no section is one that readers skip",
        include_str!("skipped_section.md"),
        Check::Content(|rule, content, findings| {
            for (index, section) in (0u32..).zip(content.file.extra_sections()) {
                let name = section.name.escape_ascii();
                let message = format!(
                    "section {name} of {} bytes is skipped by readers of this format, and was not judged",
                    section.length
                );
                findings.push(
                    Finding::new(rule, Path::at("extra", index), message)
                        .at(section.offset..section.offset.saturating_add(section.length), "skipped")
                        .sides("only sections that were judged", format!("section {name}"))
                        .help("nothing, if a later version of the format means it; else leave it out"),
                );
            }
        }),
    )
};
