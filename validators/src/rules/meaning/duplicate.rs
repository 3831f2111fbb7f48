//! Nothing is said twice.

use crate::cover::folded;
use crate::rules::{Check, Rule};
use crate::{BlobContent, ChannelContent, Finding, Findings, Severity};
use std::collections::HashMap;

#[doc = include_str!("duplicate.md")]
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    ..super::meaning(
    405,
    "duplicate",
    "nothing is said twice",
    include_str!("duplicate.md"),
    Check::Content(check),
)
.and(Check::Blob(filters))
};

const HELP: &str = "leave one of the two out; look whether something else was meant";

fn check(rule: &'static Rule, content: &ChannelContent<'_>, findings: &mut Findings) {
    for criterion in content.file.instances().flat_map(|instance| instance.criteria()) {
        for (at, clause) in (0u32..).zip(criterion.clauses()) {
            let patterns = clause.patterns();
            if patterns.len() < 2 {
                continue;
            }
            let mut seen = HashMap::new();
            for (index, pattern) in (0u32..).zip(patterns) {
                let Some(operand) = pattern.operand() else { continue };
                let key = (pattern.operator().map(|one| one.number()), pattern.nocase(), format!("{operand:?}"));
                let first = *seen.entry(key).or_insert(index);
                if first == index {
                    continue;
                }
                let path = criterion.path().then_at("clauses", at).then_at("patterns", index);
                let message =
                    format!("the pattern on field {} repeats patterns[{first}] of its clause", criterion.field());
                findings.push(
                    Finding::new(rule, path, message)
                        .at(pattern.operator_span(), "the pattern")
                        .also(pattern.operand_span(), "its operand")
                        .sides("patterns that differ", format!("patterns[{first}] again"))
                        .help(HELP),
                );
            }
        }
    }
}

fn filters(rule: &'static Rule, content: &BlobContent<'_>, findings: &mut Findings) {
    for event in content.events() {
        let mut seen = HashMap::new();
        for filter in content.filters_of(event) {
            let there = &filter.filter;
            let group = content.group_of(filter).map(|group| group.index());
            let numbers = (group, there.field(), there.operator(), there.has_environment());
            let first = *seen.entry((numbers, folded(filter))).or_insert(filter);
            if first.filter.offset() == there.offset() {
                continue;
            }
            let message = format!(
                "the filter on field {} {} repeats {}",
                there.field(),
                filter.field.unwrap_or_default(),
                first.filter.path(),
            );
            findings.push(
                Finding::new(rule, there.path(), message)
                    .at(there.value_span(), "the value")
                    .also(first.filter.value_span(), "the same before")
                    .sides("filters that differ", format!("{} again", first.filter.path()))
                    .help(HELP),
            );
        }
    }
}
