//! Lint and diff: every code has a contract that it finds, and a sound one that it leaves alone.
#![cfg(feature = "toml")]

use channel_contract::{
    sysmon::{Action, Event, Sysmon, Target, Version},
    *,
};
use channel_parser::model::{FieldIndex, InputType, Operator, TypeId, TypeRevision};
use channel_smith::strategy::any_contract;
use proptest::prelude::*;

const OLD: &str = include_str!("contracts/sensor-7.11.toml");
const NEW: &str = include_str!("contracts/sensor-7.15.toml");

fn sound() -> Contract {
    toml::parse(NEW).unwrap()
}

fn codes(contract: &Contract) -> Vec<&'static str> {
    lint(contract).iter().map(|finding| finding.code).collect()
}

#[test]
fn the_committed_contracts_are_canonical() {
    for text in [OLD, NEW] {
        assert_eq!(toml::print(&toml::parse(text).unwrap()), text);
    }
}

#[test]
fn a_sound_contract_has_no_finding_and_the_old_sensor_has_one() {
    assert_eq!(lint(&sound()), []);
    let findings = lint(&toml::parse(OLD).unwrap());
    assert_eq!(
        findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["CG371 types[7].supplied: \"ipc\" defines 21 fields and its call site supplies 20"]
    );
    let old = toml::parse(OLD).unwrap();
    let ipc = old.template(TypeId(7)).unwrap();
    assert_eq!(ipc.field(FieldIndex(20)).unwrap().name, "LogonSession");
    assert!(!ipc.is_supplied(FieldIndex(20)));
}

const INCLUDED: Event = Event { default: Action::Include, target: Target::All };

fn facts() -> Sysmon {
    let version = |major, minor| Version::new(major, minor).unwrap();
    Sysmon { schema: version(4, 50), binary: version(13, 0), filters: vec!["is".into(), "is not".into()] }
}

/// A change of the sound contract, and the only code that it is to raise.
type Case = (&'static str, fn(&mut Contract));

const CASES: &[Case] = &[
    ("CG371", |c| c.types[0].supplied = 20),
    ("CG372", |c| c.types[0].supplied = 22),
    ("CG373", |c| c.sealed = false),
    ("CG374", |c| c.types[0].fields[1].name = "PipeName".into()),
    ("CG375", |c| {
        let empty = TemplateType {
            id: TypeId(8),
            fields: vec![],
            supplied: 0,
            name: "x".into(),
            ..c.types[0].clone()
        };
        c.types.push(empty);
    }),
    ("CG376", |c| {
        let other = TemplateType { id: TypeId(7), name: "x".into(), ..c.types[0].clone() };
        c.types.push(other);
    }),
    ("CG377", |c| c.limits.work_per_event = 0),
    ("CG377", |c| c.types[0].instance_cap = 0),
    ("CG378", |c| c.types[0].instance_cap = 16385),
    ("CG379", |c| c.operators = OperatorSet::EMPTY),
    ("CG380", |c| {
        c.types[0].fields.iter_mut().for_each(|f| {
            if f.input == InputType::Address {
                f.input = InputType::Integer;
            }
        })
    }),
    ("CG381", |c| assert!(c.operators.remove(Operator::Network))),
    ("CG382", |c| c.types[0].fields[0].max_bytes = 0),
    ("CG382", |c| c.types[0].fields[2].max_bytes = 8),
    ("CG383", |c| c.limits.widths.match_count = Width::new(8).unwrap()),
    ("CG383", |c| c.limits.widths.detections = Width::new(12).unwrap()),
    ("CG384", |c| c.sensor.version.clear()),
    ("CG384", |c| c.types[0].name.clear()),
    ("CG384", |c| c.types[0].fields[3].name.clear()),
    ("CG385", |c| c.types.clear()),
    ("CG386", |c| {
        let other = TemplateType { id: TypeId(8), ..c.types[0].clone() };
        c.types.push(other);
    }),
    ("CG387", |c| c.limits.widths.channel = Width::new(8).unwrap()),
    ("CG387", |c| c.types[0].revision = TypeRevision(65536)),
    ("CG387", |c| c.limits.widths.fields_per_instance = Width::new(4).unwrap()),
    ("CG388", |c| c.sysmon = Some(Sysmon { filters: vec![], ..facts() })),
    ("CG388", |c| c.sysmon = Some(Sysmon { filters: vec!["is".into(), "is".into()], ..facts() })),
    ("CG389", |c| {
        c.sysmon = Some(facts());
        let field = c.types[0].fields[0].clone();
        let more = (21..65).map(|n| Field { name: format!("{n}"), ..field.clone() });
        c.types[0].fields.extend(more);
        c.types[0].supplied = 65;
    }),
    ("CG390", |c| c.types[0].event = Some(INCLUDED)),
    ("CG390", |c| {
        c.sysmon = Some(facts());
        c.types[0].event = Some(INCLUDED);
        let event = Some(Event { default: Action::Exclude, ..INCLUDED });
        c.types.push(TemplateType { id: TypeId(8), event, ..c.types[0].clone() });
    }),
];

#[test]
fn every_contradiction_is_found_alone() {
    for (n, (code, change)) in CASES.iter().enumerate() {
        let mut contract = sound();
        change(&mut contract);
        assert_eq!(codes(&contract), [*code], "case {n}: {:?}", lint(&contract));
    }
}

#[test]
fn what_has_nothing_at_all_is_found() {
    let found = codes(&Contract::default());
    for code in ["CG377", "CG379", "CG384", "CG385"] {
        assert!(found.contains(&code), "{code} is not in {found:?}");
    }
}

#[test]
fn every_code_has_a_case() {
    for (code, _) in LINTS {
        let alone = CASES.iter().any(|(case, _)| case == code);
        assert!(alone, "{code} has no test");
    }
}

#[test]
fn changes_say_what_may_break() {
    let changes = |change: fn(&mut Contract)| {
        let (one, mut other) = (sound(), sound());
        change(&mut other);
        diff(&one, &other).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        diff(&toml::parse(OLD).unwrap(), &sound()).iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "sensor.version changed from \"7.11\" to \"7.15\"",
            "sensor.build_id changed from \"7.11.18110\" to \"7.15.18513\"",
            "types[7].supplied changed from 20 to 21",
        ]
    );
    assert_eq!(
        changes(|c| c.types[0].fields.swap(0, 1)),
        [
            "types[7].fields[PipeName] moved from index 0 to 1; content may break",
            "types[7].fields[PipeServer] moved from index 1 to 0; content may break",
        ]
    );
    assert_eq!(changes(|c| c.types.clear()), ["types[7] was removed; content may break"]);
    assert_eq!(
        changes(|c| c.types[0].fields[20].name = "Session".into()),
        [
            "types[7].fields[LogonSession] was removed; content may break",
            "types[7].fields[Session] was added; content may break",
        ]
    );
    assert_eq!(
        changes(|c| assert!(c.operators.remove(Operator::Glob))),
        ["operators.glob was removed; content may break"]
    );
    assert_eq!(
        changes(|c| c.limits.widths.content_revision = Width::new(16).unwrap()),
        ["limits.widths.content_revision changed from 31 to 16; content may break"]
    );
    assert_eq!(changes(|c| c.sysmon = Some(facts())), ["sysmon was added; content may break"]);
    assert_eq!(changes(|c| c.types[0].event = Some(INCLUDED)), ["types[7].event was added"]);
}

#[test]
fn changes_of_sysmon_say_what_may_break() {
    let sysmon = || {
        let mut contract = Contract { sysmon: Some(facts()), ..sound() };
        contract.types[0].event = Some(INCLUDED);
        contract
    };
    let changes = |change: fn(&mut Contract)| {
        let mut other = sysmon();
        change(&mut other);
        diff(&sysmon(), &other).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let filters = |c: &mut Contract, names: &[&str]| {
        c.sysmon = Some(Sysmon { filters: names.iter().map(ToString::to_string).collect(), ..facts() })
    };
    assert_eq!(lint(&sysmon()), []);
    assert_eq!(changes(|_| ()), [""; 0]);
    let mut appended = sysmon();
    filters(&mut appended, &["is", "is not", "image"]);
    assert_eq!(
        diff(&sysmon(), &appended).iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["sysmon.filters[image] was added"]
    );
    let mut moved = sysmon();
    filters(&mut moved, &["is not"]);
    assert_eq!(
        diff(&sysmon(), &moved).iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "sysmon.filters[is] was removed; content may break",
            "sysmon.filters[is not] moved from index 1 to 0; content may break",
        ]
    );
    assert_eq!(
        changes(|c| c.types[0].event = Some(Event { default: Action::Exclude, ..INCLUDED })),
        ["types[7].event.default changed from include to exclude; content may break"]
    );
    assert_eq!(
        changes(|c| c.types[0].event = Some(Event { target: Target::Linux, ..INCLUDED })),
        ["types[7].event.target changed from all to linux; content may break"]
    );
    assert_eq!(changes(|c| c.types[0].event = None), ["types[7].event was removed; content may break"]);
    // A filter names one field, so only those that stand elsewhere are others.
    assert_eq!(
        changes(|c| {
            let field = Field { name: "More".into(), ..c.types[0].fields[0].clone() };
            c.types[0].fields.push(field);
        }),
        ["types[7].fields[More] was added"]
    );
}

proptest! {
    #[test]
    fn there_is_a_change_exactly_if_they_differ(one in any_contract(), other in any_contract()) {
        prop_assert_eq!(diff(&one, &one), []);
        prop_assert_eq!(diff(&one, &other).is_empty(), one == other);
    }

    #[test]
    fn lint_takes_any_contract(contract in any_contract()) {
        for finding in lint(&contract) {
            prop_assert!(LINTS.iter().any(|(code, _)| *code == finding.code));
        }
    }
}
