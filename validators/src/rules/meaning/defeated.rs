//! No exclusion defeats a filter that includes.

use crate::cover::{Alternatives, Budget};
use crate::rules::{Check, Rule, quoted};
use crate::{BlobContent, BlobEvent, BlobFilter, Finding, Findings, Severity};
use channel_parser::sysmon::DefaultAction;
use std::collections::BTreeMap;

#[doc = include_str!("defeated.md")]
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    ..super::meaning(
    407,
    "defeated",
    "no exclusion defeats a filter that includes",
    include_str!("defeated.md"),
    Check::Blob(check),
)
};

fn check(rule: &'static Rule, content: &BlobContent<'_>, findings: &mut Findings) {
    let of = |excludes| content.filters().filter(move |(event, _)| self::excludes(event) == excludes);
    let budget = Budget::new();
    let mut exclusions = BTreeMap::<_, (Alternatives<'_>, Vec<&BlobFilter<'_>>)>::new();
    for (event, filter) in of(true).filter(|(event, filter)| content.decides(event, filter)) {
        let (wide, filters) = exclusions.entry(content.looks_at(event, filter)).or_insert_with(|| (Alternatives::new(&budget), Vec::new()));
        wide.add(filters.len(), filter);
        filters.push(filter);
    }
    for (event, filter) in of(false) {
        let Some((wide, filters)) = exclusions.get(&content.looks_at(event, filter)) else { continue };
        let Some(cover) = wide.cover(None, filter).and_then(|cover| filters.get(cover)) else { continue };
        let (there, by) = (&filter.filter, &cover.filter);
        let message = format!(
            "the filter includes {}, but {} excludes all of it: exclusion has priority",
            quoted(&there.value().to_string()),
            by.path(),
        );
        findings.push(
            Finding::new(rule, there.path(), message)
                .at(there.value_span(), "included")
                .also(by.value_span(), "excluded")
                .sides("an inclusion that can take effect", "one that never does")
                .help("narrow the exclusion, or leave the inclusion out"),
        );
    }
}

/// Whether the filters of these rules exclude, the default being to log.
fn excludes(event: &BlobEvent<'_>) -> bool {
    event.event.default() == Some(DefaultAction::Include)
}
