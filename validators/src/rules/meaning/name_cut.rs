//! A rule's name is shorter than its field.

use crate::rules::{Check, Rule, quoted};
use crate::{BlobContent, Finding, Findings, Severity};
use channel_parser::Path;
use channel_parser::sysmon::Wide;
use std::ops::Range;

#[doc = include_str!("name_cut.md")]
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    ..super::meaning(
    403,
    "name-cut",
    "a rule's name is shorter than its field",
    include_str!("name_cut.md"),
    Check::Blob(check),
)
};

fn check(rule: &'static Rule, content: &BlobContent<'_>, findings: &mut Findings) {
    let filters = content.filters().map(|(_, one)| (one.filter.path(), one.filter.name(), one.filter.name_span()));
    let groups = content.groups().iter().map(|one| (one.path(), one.name(), one.name_span()));
    let full = |(_, name, span): &(Path, Wide<'_>, Range<u64>)| {
        (name.len() as u64).saturating_add(1).saturating_mul(2) >= span.end.saturating_sub(span.start)
    };
    for (path, name, span) in filters.chain(groups).filter(full) {
        let message = format!(
            "the name {} fills its field of {} characters: the compiler has cut it off, or is about to",
            quoted(&name.to_string()),
            name.len(),
        );
        findings.push(
            Finding::new(rule, path.then("name"), message)
                .at(span, "the name")
                .sides(format!("at most {} characters", name.len().saturating_sub(1)), name.len())
                .help("give the rule a shorter name; the analyst sees no more than this"),
        );
    }
}
