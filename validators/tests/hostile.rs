//! Blobs that somebody broke, and blobs at random, beside old and new sensors: each gets a verdict, and every finding
//! says where.

mod common;

use channel_contract::sysmon::named_fleet;
use channel_parser::sysmon::draft::{Draft, Event, Filter, Group, Item};
use channel_parser::sysmon::{self, Kind};
use channel_validators::report::{Detail, Look};
use channel_validators::rules::RULES;
use channel_validators::{Judgement, Member, Subject, Verdict, judge};
use common::{corpus, files, member, shown};
use proptest::collection::vec as many;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Sensors of three ages.
fn fleet() -> Vec<Member> {
    ["sysmon:3.40", "sysmon:4.22", "sysmon:4.81"]
        .iter()
        .flat_map(|name| named_fleet(name).expect("a fleet").expect("a known one"))
        .map(|(origin, contract)| member(&origin, contract))
        .collect()
}

/// The blobs that our compiler made, each once and with whether it is small.
fn blobs() -> Vec<(Vec<u8>, bool)> {
    let blobs: BTreeSet<_> = files(&corpus().join("sysmon"), ".bin")
        .iter()
        .map(|path| std::fs::read(path).expect("a blob"))
        .collect();
    blobs.into_iter().map(|bytes| (bytes.len() < 2500, bytes)).map(|(small, bytes)| (bytes, small)).collect()
}

/// A judgement whose findings all lie in the file; an error of the reader is a finding with its bytes and its place.
fn judged(bytes: &[u8], sensors: &[Member]) -> Judgement {
    let subject = Subject::read("rules.bin", bytes);
    let judgement = judge(&subject, sensors);
    for finding in &judgement.findings {
        assert!(RULES.iter().any(|rule| rule.code == finding.code), "{finding:?}");
        assert!(finding.path.steps().next().is_some() && !finding.message.is_empty(), "{finding:?}");
        for span in finding.span.iter().chain(finding.related.iter().map(|label| &label.span)) {
            assert!(span.start <= span.end && span.end <= bytes.len() as u64, "{finding:?}");
        }
    }
    if !subject.errors.is_empty() {
        assert_eq!(judgement.verdict, Verdict::Fail);
        let structural = judgement.findings.iter().filter(|finding| finding.sensor.is_none());
        assert!(structural.clone().any(|finding| finding.span.is_some() || bytes.is_empty()));
    }
    judgement
}

#[test]
fn every_truncated_blob_is_refused() {
    let sensors = fleet();
    for (bytes, small) in blobs() {
        let step = if small { 1 } else { bytes.len() / 200 };
        for length in (0..bytes.len()).step_by(step) {
            let judgement = judged(&bytes[..length], &sensors);
            assert_eq!(judgement.verdict, Verdict::Fail, "cut to {length} of {}", bytes.len());
            assert_eq!(judgement.refused_for.len(), sensors.len());
        }
    }
}

/// Every byte of every small blob, those of numbers with several values; of the others a part. The reader alone is held
/// to all of them by its own tests.
#[test]
fn every_changed_blob_gets_a_verdict() {
    let sensors = fleet();
    for (mut bytes, small) in blobs() {
        let step = if small { 1 } else { bytes.len() / 500 };
        for cell in sysmon::cells(&bytes.clone()) {
            let (start, end) = (cell.span.start as usize, cell.span.end as usize);
            for at in (start..end).filter(|at| at % step == 0) {
                let right = bytes[at];
                let values = [right ^ 1 << (at % 8), 0, 0xff, right ^ 0x80];
                let values = if cell.kind == Kind::Number { &values[..] } else { &values[..1] };
                for value in values {
                    bytes[at] = *value;
                    let judgement = judged(&bytes, &sensors);
                    if at % 97 == 0 {
                        shown(&judgement, &bytes, &sensors, Detail::Block, Look::default());
                    }
                }
                bytes[at] = right;
            }
        }
    }
}

fn units(most: usize) -> impl Strategy<Value = Vec<u16>> {
    let word = prop_oneof![
        Just(r"\".to_owned()),
        Just(";".to_owned()),
        Just("%TEMP%".to_owned()),
        "[a-c]{0,4}",
        any::<String>()
    ];
    many(word, 0..4).prop_map(move |words| {
        let units = words.concat().encode_utf16().filter(|unit| *unit != 0).collect::<Vec<_>>();
        units.into_iter().take(most).collect()
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let number = |usual: u32| prop_oneof![9 => 0..usual, 1 => 0..=0xffff_u32];
    (number(24), number(17), units(40), units(200), prop::bool::weighted(0.1)).prop_map(
        |(field, operator, name, value, environment)| Filter { field, operator, name, value, environment },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let group =
        (1u32..9, 0u32..2, units(127), many(filter(), 0..4)).prop_map(|(id, combine, name, filters)| {
            Item::Group(Group { id, combine, name, filters, ..Group::default() })
        });
    let item = prop_oneof![3 => filter().prop_map(Item::Filter), 1 => group];
    let id = prop_oneof![9 => 0u32..32, 1 => any::<u32>()];
    (id, 0u32..2, 0u32..2, many(item, 0..6)).prop_map(|(id, default, combine, items)| Event {
        id,
        default,
        combine,
        items,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a compiler could write gets a verdict from all sensors at once that is the sum of their own.
    #[test]
    fn any_blob_gets_a_verdict(
        version in prop::sample::select(vec![0x3_0000u32, 0xd_0000, 0xf_0000, 0x10_0000]),
        schema in prop::sample::select(vec![0x3_0028u32, 0x4_0016, 0x4_0046, 0x4_0051, 0x9_0000]),
        events in many(event(), 1..4),
    ) {
        let bytes = sysmon::encode(&Draft { version, schema, unlisted: false, events }).expect("a blob");
        let sensors = fleet();
        let all = judged(&bytes, &sensors);
        for sensor in &sensors {
            let alone = judged(&bytes, std::slice::from_ref(sensor));
            prop_assert_eq!(
                alone.verdict == Verdict::Fail,
                all.refused_for.contains(&sensor.contract.label())
            );
        }
        prop_assert_eq!(all.verdict == Verdict::Fail, !all.refused_for.is_empty());
    }
}
