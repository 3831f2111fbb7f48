//! The generator on many seeds: it generates something, of every kind, every way to break is found, and every rule is
//! found by a way to break or named with the reason why not.

use arbitrary::Unstructured;
use channel_contract::LINTS;
use channel_fuzz::{Made, config, one_break_one_finding, smith_is_accepted};
use channel_parser::Format;
use channel_parser::model::Operator;
use channel_parser::sysmon::draft::Item;
use channel_smith::breaks::contract::{self, Follows};
use channel_smith::{Seed, breaks, generate};
use channel_validators::rules::RULES;
use std::collections::{BTreeMap, BTreeSet};

const SEEDS: u64 = if cfg!(debug_assertions) { 600 } else { 40_000 };

/// The rules that no way to break files of a format breaks, and why.
const UNBROKEN: &[(&str, u16, &str)] = &[
    ("Channel", 117, "the name of a file is no part of its content"),
    ("Channel", 118, "a note on content that is right: Config::extra_sections makes it"),
    (
        "Channel",
        314,
        "a note on content that is right: a sensor that supplies fewer inputs than it defines gets it",
    ),
    ("Sysmon", 201, "a blob past 256 MiB would take longer than all others together"),
];

fn bytes(seed: u64) -> Vec<u8> {
    let seed = Seed::new(seed);
    let mut choices = seed.choices();
    (0..choices.len()).map(|_| choices.arbitrary().unwrap()).collect()
}

#[test]
fn what_is_generated_is_accepted() {
    (0..SEEDS).for_each(|seed| smith_is_accepted(&bytes(seed)));
}

#[test]
fn what_is_broken_is_found() {
    (0..SEEDS).for_each(|seed| one_break_one_finding(&bytes(seed)));
}

fn format(format: Format) -> &'static str {
    match format {
        Format::Channel => "Channel",
        Format::Sysmon => "Sysmon",
    }
}

#[test]
fn every_rule_is_broken_in_some_way_or_has_a_reason() {
    let mut wrong = Vec::new();
    for kind in [Format::Channel, Format::Sysmon] {
        for rule in RULES.iter().filter(|rule| rule.check_of(kind).is_some()) {
            let code = rule.code.0;
            let broken = breaks::all().any(|way| way.format() == kind && way.rule == code);
            let named = UNBROKEN.iter().any(|(other, number, _)| (*other, *number) == (format(kind), code));
            if broken == named {
                wrong.push(format!(
                    "{} of {} files: broken {broken}, named {named}",
                    rule.code,
                    format(kind)
                ));
            }
        }
        let serves =
            |number: u16| RULES.iter().any(|rule| rule.code.0 == number && rule.check_of(kind).is_some());
        for way in breaks::all().filter(|way| way.format() == kind && !serves(way.rule)) {
            wrong.push(format!("{} breaks CG{}, which serves no {} file", way.name, way.rule, format(kind)));
        }
    }
    for (code, what) in LINTS {
        if !contract::all().any(|way| way.follows == Follows::Lint(code)) {
            wrong.push(format!("{code} of contracts, {what}: not broken"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How often each way to break was possible.
#[derive(Default)]
struct Ways(BTreeMap<(&'static str, &'static str), u32>);

impl Ways {
    fn all() -> Self {
        let files = breaks::all().map(|way| (format(way.format()), way.name));
        Self(files.chain(contract::all().map(|way| ("contract", way.name))).map(|way| (way, 0)).collect())
    }

    fn count(&mut self, kind: &'static str, name: &'static str, possible: bool) {
        *self.0.entry((kind, name)).or_default() += u32::from(possible);
    }
}

#[test]
fn everything_is_generated_and_every_way_to_break_is_possible() {
    let (mut operators, mut filters, mut groups) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut ways = Ways::all();
    for seed in 0..800 {
        let bytes = bytes(seed);
        let u = &mut Unstructured::new(&bytes);
        let made = Made::choose(u).unwrap();
        let sensor = made.sensor(u).unwrap().contract;
        let config = config(u);
        match made {
            Made::Channel => {
                let Some(draft) = generate::content(u, &sensor, &config).unwrap() else { continue };
                let detections = draft.detections.iter();
                let criteria = detections
                    .flat_map(|one| one.include.iter().chain(&one.exclude))
                    .flat_map(|one| &one.criteria);
                let patterns = criteria.flat_map(|one| &one.clauses).flat_map(|clause| &clause.patterns);
                operators.extend(patterns.map(|pattern| pattern.operator()));
                for way in breaks::all().filter(|way| way.format() == Format::Channel) {
                    ways.count("Channel", way.name, way.apply(u, &draft, &sensor).unwrap().is_some());
                }
            }
            Made::Blob => {
                let Some(draft) = generate::blob(u, &sensor, &config).unwrap() else { continue };
                // From 14.0 on an operator keeps its number.
                let newest = draft.version >= 0x000e_0000;
                for event in &draft.events {
                    filters.extend(event.filters().map(|one| one.operator).filter(|_| newest));
                    let group = event.items.iter().map(|item| match item {
                        Item::Group(group) => (group.combine, !group.name.is_empty()),
                        Item::Filter(filter) => (2, !filter.name.is_empty()),
                    });
                    groups
                        .extend(group.map(|(combine, named)| (event.default, event.combine, combine, named)));
                }
                for way in breaks::all().filter(|way| way.format() == Format::Sysmon) {
                    ways.count("Sysmon", way.name, way.apply_blob(u, &draft, &sensor).unwrap().is_some());
                }
            }
            Made::Contract => {
                for way in contract::all() {
                    ways.count("contract", way.name, way.apply(u, &sensor).unwrap().is_some());
                }
            }
        }
    }
    let missing: Vec<_> = Operator::ALL.iter().filter(|operator| !operators.contains(operator)).collect();
    assert!(missing.is_empty(), "never generated: {missing:?}");
    assert_eq!(filters, (0..16).collect(), "the operators of Sysmon");
    assert_eq!(
        groups.len(),
        2 * 2 * 3 * 2,
        "default, combinations and name of a group or a filter: {groups:?}"
    );
    let impossible: Vec<_> = ways.0.iter().filter(|(_, times)| **times == 0).map(|(way, _)| way).collect();
    assert!(impossible.is_empty(), "never possible: {impossible:?}");
}
