//! The same for Sysmon's rule blobs: what the validator accepts for a schema version never breaks a sensor of that version,
//! and says on it what its author meant. Every small blob for every public schema version.

use channel_contract::sysmon::{Version, schemas};
use channel_contract::{Contract, TemplateType};
use channel_interpreter::sysmon::Rules;
use channel_interpreter::{Event, FaultKind, Input};
use channel_parser::model::{FieldIndex, InputType};
use channel_parser::sysmon::draft::{self, Draft, Filter, Group, Item};
use channel_parser::sysmon::{self as format, Blob, encode};
use channel_validators::{Code, Member, Severity, Subject, Verdict, judge};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Every public schema version, and a sensor whose first event has more fields than a mask has bits.
fn fleet() -> Vec<Member> {
    let member = |(at, contract): (usize, Contract)| Member {
        origin: format!("s{at}.toml"),
        sha256: format!("{at:064x}"),
        contract,
    };
    let mut contracts: Vec<_> = schemas().cloned().collect();
    let mut wide = contracts.last().expect("the newest").clone();
    wide.sensor.name = "wide".into();
    let field = wide.types[0].fields[1].clone();
    wide.types[0].fields.resize(70, field);
    wide.types[0].supplied = 70;
    contracts.push(wide);
    contracts.into_iter().enumerate().map(member).collect()
}

/// The contract of the sensor that the blob's compiler belongs to, if it is known.
fn compiler(blob: &Blob<'_>) -> Option<&'static Contract> {
    let binary = |one: &&'static Contract| {
        one.sysmon.as_ref().is_some_and(|one| one.binary.number() == blob.version().0)
    };
    let asked = blob.schema().and_then(|schema| Version::from_number(schema.0));
    let named = |one: &&'static Contract| one.sysmon.as_ref().map(|one| one.schema) == asked;
    schemas().filter(binary).find(named).or_else(|| schemas().filter(binary).last())
}

fn filter(field: u32, operator: u32, value: &str) -> Item {
    Item::Filter(Filter { field, operator, value: value.encode_utf16().collect(), ..Default::default() })
}

fn group(items: Vec<Item>, combine: u32, id: u32) -> Item {
    let filters = items.into_iter().filter_map(|item| match item {
        Item::Filter(filter) => Some(filter),
        Item::Group(_) => None,
    });
    Item::Group(Group { id, combine, filters: filters.collect(), ..Default::default() })
}

fn event(id: u32, default: u32, combine: u32, items: Vec<Item>) -> draft::Event {
    draft::Event { id, default, combine, items }
}

/// Events of one filter each, by themselves and in a group; of two events, those that share a name too.
fn contents() -> Vec<Vec<draft::Event>> {
    let mut all = Vec::new();
    for id in [0, 1, 4, 12, 13, 14, 16, 17, 20, 22, 23, 26, 29, 40, 255, 70_000] {
        for field in [0, 1, 4, 7, 8, 16, 22, 23, 63, 64, 69, 70, u32::MAX] {
            all.push(vec![event(id, 1, 0, vec![filter(field, 0, "x")])]);
        }
    }
    for operator in (0..=17).chain([99]) {
        all.push(vec![event(1, 0, 1, vec![filter(1, operator, "x;"), filter(1, operator, "y")])]);
    }
    // A third word of the sensor's, for which it refuses the blob, passed once. It is no word of the format since.
    for default in 0..2 {
        all.push(vec![event(5, default, 0, vec![filter(1, 0, "x")])]);
        all.push(vec![event(5, default, 1, vec![])]);
    }
    for (a, b) in [(12, 13), (13, 12), (14, 14), (17, 18), (19, 21), (1, 5)] {
        for field in 0..9 {
            let grouped = group(vec![filter(field, 2, "x"), filter(1, 2, "y")], 1, 1);
            all.push(vec![
                event(a, 1, 1, vec![filter(1, 0, "x"), grouped.clone()]),
                event(b, 0, 0, vec![filter(field, 1, "x")]),
            ]);
            all.push(vec![event(a, 1, 0, vec![grouped])]);
        }
    }
    all.push(vec![event(1, 1, 0, vec![filter(4, 2, "%TEMP%")])]);
    all
}

/// Inputs of one kind for every field of an event: all that match, none that does, none there.
fn inputs(template: &TemplateType) -> [Vec<Option<Input<'static>>>; 3] {
    let all = |text: &'static str, number: i64| {
        let input =
            |at: u32| match template.field(FieldIndex(at)).map_or(InputType::Text, |field| field.input) {
                InputType::Text => Some(Input::Text(text)),
                InputType::Integer => Some(Input::Integer(number)),
                InputType::Address => Some(Input::Address(IpAddr::from([0; 4]))),
            };
        (0..template.supplied).map(input).collect::<Vec<_>>()
    };
    let absent = (0..template.supplied).zip(all("", 0)).map(|(at, input)| {
        let nullable = template.field(FieldIndex(at)).is_some_and(|field| field.nullable);
        input.filter(|_| !nullable)
    });
    [all("x", 0), all("n", 1), absent.collect()]
}

/// What a sensor suffers: of loading and of any event.
fn faults(blob: &Blob<'_>, contract: &Contract) -> BTreeSet<FaultKind> {
    let rules = Rules::new(blob, contract);
    let mut kinds = BTreeSet::new();
    rules.load_faults(compiler(blob), &mut |fault| _ = kinds.insert(fault.kind));
    for template in &contract.types {
        for inputs in inputs(template) {
            if let Err(fault) = rules.decide(&Event { template: template.id, inputs: &inputs }, &mut ()) {
                assert_ne!(fault.kind, FaultKind::Event, "{fault}");
                kinds.insert(fault.kind);
            }
        }
    }
    kinds
}

#[test]
fn every_small_blob_for_every_schema_version() {
    let fleet = fleet();
    let (mut pairs, mut passes, mut faulty) = (0u64, 0u64, BTreeMap::new());
    let mut careful: BTreeMap<Vec<Code>, u64> = BTreeMap::new();
    for events in contents() {
        for (version, schema) in
            [(0xf_0000, 0x4_0046), (0x10_0000, 0x4_0051), (0xd_0014, 0x4_0032), (0x9_0014, 0x4_0016)]
        {
            let draft = Draft { version, schema, events: events.clone(), ..Default::default() };
            let bytes = encode(&draft).expect("a blob that can be written");
            let blob = format::parse(&bytes).expect("a blob that can be read");
            let judgement = judge(&Subject::read("rules.bin", &bytes), &fleet);
            assert_ne!(judgement.verdict, Verdict::CannotJudge);
            for (at, member) in fleet.iter().enumerate() {
                let label = member.contract.label();
                let passed = !judgement.refused_for.contains(&label);
                let kinds = faults(&blob, &member.contract);
                (pairs, passes) = (pairs + 1, passes + u64::from(passed));
                // A variable that the driver cannot expand is a warning: the service can.
                if passed {
                    let breaks: Vec<_> = kinds.iter().filter(|kind| **kind != FaultKind::Failed).collect();
                    assert!(
                        breaks.is_empty(),
                        "{label} passes and has {breaks:?}:\n{}",
                        format::print(&blob, &())
                    );
                    if !kinds.is_empty() {
                        assert!(judgement.count(Severity::Warning) > 0);
                    }
                } else if kinds.is_empty() {
                    let codes = judgement.by_sensor[at].findings.keys().copied().collect();
                    *careful.entry(codes).or_default() += 1;
                }
                for kind in kinds {
                    *faulty.entry(kind).or_insert(0u64) += 1;
                }
            }
        }
    }
    eprintln!("soundness, blobs: {pairs} pairs, {passes} passes, {faulty:?}, careful {careful:?}");
    use FaultKind::{AnotherField, Dead, Failed, Operator, PastInputs, Refused, UnknownType, Width};
    let kinds = [Width, UnknownType, AnotherField, Refused, Dead, Failed, PastInputs, Operator];
    assert!(passes > 0 && passes < pairs);
    assert_eq!(faulty.keys().copied().collect::<Vec<_>>(), kinds);
}
