//! No alternative is covered by a wider one.

use crate::cover::{Alternatives, Budget, folded};
use crate::rules::{Check, Rule, quoted};
use crate::{BlobContent, BlobFilter, Finding, Findings, Severity};
use std::collections::BTreeMap;

#[doc = include_str!("shadowed.md")]
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    ..super::meaning(
    406,
    "shadowed",
    "no alternative is covered by a wider one",
    include_str!("shadowed.md"),
    Check::Blob(check),
)
};

fn check(rule: &'static Rule, content: &BlobContent<'_>, findings: &mut Findings) {
    let budget = Budget::new();
    // Outside of groups the filters on one field are alternatives: in one place, and in all places where each decides by
    // itself. Those of another name tell the analyst more.
    let mut alternatives = BTreeMap::<_, Vec<&BlobFilter<'_>>>::new();
    for (event, filter) in content.filters().filter(|(_, filter)| content.group_of(filter).is_none()) {
        let name: Vec<u16> = filter.filter.name().units().collect();
        let place = (!content.decides(event, filter)).then_some(event.event.index());
        let key = (content.looks_at(event, filter), event.event.effect(), place, name);
        alternatives.entry(key).or_default().push(filter);
    }
    for filters in alternatives.values().filter(|filters| filters.len() > 1) {
        let mut wider = Alternatives::new(&budget);
        filters.iter().enumerate().for_each(|(number, filter)| wider.add(number, filter));
        for (number, filter) in filters.iter().enumerate() {
            let cover = wider.cover(Some(number), filter).and_then(|cover| filters.get(cover));
            let Some(cover) = cover.filter(|cover| !repeats(cover, filter)) else { continue };
            let (there, by) = (&filter.filter, &cover.filter);
            let message = format!(
                "the filter `{} {}` matches nothing that `{} {}` of {} does not match",
                filter.operator.unwrap_or_default(),
                quoted(&there.value().to_string()).trim_matches('`'),
                cover.operator.unwrap_or_default(),
                quoted(&by.value().to_string()).trim_matches('`'),
                by.path(),
            );
            findings.push(
                Finding::new(rule, there.path(), message)
                    .at(there.value_span(), "the value")
                    .also(by.value_span(), "the wider one")
                    .sides("alternatives that add something", "one that adds nothing")
                    .help("leave it out, or narrow the other"),
            );
        }
    }
}

/// Whether two filters of one place are the same, which is the matter of another rule.
fn repeats(a: &BlobFilter<'_>, b: &BlobFilter<'_>) -> bool {
    let place = |one: &BlobFilter<'_>| one.filter.indices().0;
    place(a) == place(b) && a.operator == b.operator && folded(a) == folded(b)
}
