//! A pattern does not match everything.

use crate::rules::{Check, Rule};
use crate::{BlobContent, ChannelContent, Finding, Findings};
use channel_parser::channel::Operand;
use channel_parser::channel::{Criterion, Instance};
use channel_parser::model::{Operator, Quantifier};

#[doc = include_str!("match_all.md")]
pub static RULE: Rule = super::meaning(
    404,
    "match-all",
    "a pattern does not match everything",
    include_str!("match_all.md"),
    Check::Content(check),
)
.and(Check::Blob(filters));

const HELP: &str = "write the text that was meant, or leave it out";

/// The one criterion of an instance, if it is one clause: beside others that must match as well a pattern that matches
/// everything is of no use, but does no harm.
fn alone(instance: Instance<'_>) -> Option<Criterion<'_>> {
    let mut criteria = instance.criteria().filter(|criterion| !criterion.is_wildcard());
    criteria.next().filter(|criterion| criteria.next().is_none() && criterion.clauses().len() == 1)
}

fn check(rule: &'static Rule, content: &ChannelContent<'_>, findings: &mut Findings) {
    for criterion in content.file.instances().filter_map(alone) {
        for (at, clause) in (0u32..).zip(criterion.clauses()) {
            if clause.quantifier() != Some(Quantifier::AnyOf) {
                continue;
            }
            for (index, pattern) in (0u32..).zip(clause.patterns()) {
                let part = matches!(
                    pattern.operator(),
                    Some(Operator::Contains | Operator::Prefix | Operator::Suffix)
                );
                if !part || pattern.operand() != Some(Operand::Text("")) || channel_parser::planted!("empty-suffix") && pattern.operator() == Some(Operator::Suffix) {
                    continue;
                }
                let word = pattern.operator().map(|word| word.to_string()).unwrap_or_default();
                let message = format!("the pattern `{word} ''` on field {} matches every text", criterion.field());
                let path = criterion.path().then_at("clauses", at).then_at("patterns", index);
                findings.push(
                    Finding::new(rule, path, message)
                        .at(pattern.operator_span(), format!("operator `{word}`"))
                        .also(pattern.operand_span(), "an empty operand")
                        .sides("text", "nothing")
                        .help(HELP),
                );
            }
        }
    }
}

fn filters(rule: &'static Rule, content: &BlobContent<'_>, findings: &mut Findings) {
    for (event, filter) in content.filters() {
        let there = &filter.filter;
        let part = matches!(filter.operator, Some("contains" | "begin with" | "end with"));
        // Without the zero that ends it a value is no empty one: the sensor drops the filter.
        let empty = there.value().is_empty() && there.value_span().end.saturating_sub(there.value_span().start) > 1;
        if !part || !empty || !content.decides(event, filter) {
            continue;
        }
        let word = filter.operator.unwrap_or_default();
        let message = format!(
            "the filter `{word} ''` on field {} {} matches every event {}",
            there.field(),
            filter.field.unwrap_or_default(),
            event.event.id(),
        );
        findings.push(
            Finding::new(rule, there.path(), message)
                .at(there.operator_span(), format!("operator `{word}`"))
                .also(there.value_span(), "an empty value")
                .sides("text", "nothing")
                .help(HELP),
        );
    }
}
