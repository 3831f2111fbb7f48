//! The generator on many seeds: it generates something, of every kind, and every way to break is found.

use arbitrary::Unstructured;
use channel_fuzz::{Made, config, one_break_one_finding, smith_is_accepted};
use channel_parser::model::Operator;
use channel_parser::Format;
use channel_smith::{Seed, breaks, generate};
use std::collections::{BTreeMap, BTreeSet};

const SEEDS: u64 = if cfg!(debug_assertions) { 600 } else { 40_000 };

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

#[test]
fn every_operator_is_generated_and_every_way_to_break_is_possible() {
    let mut operators = BTreeSet::new();
    let mut ways: BTreeMap<_, u32> = breaks::all().map(|way| (way.name, 0)).collect();
    for seed in 0..600 {
        let bytes = bytes(seed);
        let mut u = Unstructured::new(&bytes);
        let made = Made::choose(&mut u).unwrap();
        let sensor = made.sensor(&mut u).unwrap();
        let config = config(&mut u);
        match made {
            Made::Channel => {
                let Some(draft) = generate::content(&mut u, &sensor.contract, &config).unwrap() else { continue };
                let instances = draft
                    .detections
                    .iter()
                    .flat_map(|detection| detection.include.iter().chain(&detection.exclude));
                let clauses =
                    instances.flat_map(|instance| &instance.criteria).flat_map(|criterion| &criterion.clauses);
                operators.extend(clauses.flat_map(|clause| &clause.patterns).map(|pattern| pattern.operator()));
                for way in breaks::all() {
                    if way.apply(&mut u, &draft, &sensor.contract).unwrap().is_some() {
                        *ways.entry(way.name).or_default() += 1;
                    }
                }
            }
            Made::Blob => {
                let Some(draft) = generate::blob(&mut u, &sensor.contract, &config).unwrap() else { continue };
                for way in breaks::all() {
                    if way.apply_blob(&mut u, &draft, &sensor.contract).unwrap().is_some() {
                        *ways.entry(way.name).or_default() += 1;
                    }
                }
            }
            Made::Contract => {}
        }
    }
    let missing: Vec<_> = Operator::ALL.iter().filter(|operator| !operators.contains(operator)).collect();
    assert!(missing.is_empty(), "never generated: {missing:?}");
    let impossible: Vec<_> = ways.iter().filter(|(_, times)| **times == 0).map(|(name, _)| name).collect();
    assert!(impossible.is_empty(), "never possible: {impossible:?}");
    println!("{ways:#?}");
}
