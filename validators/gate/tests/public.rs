//! The public Windows rules of SigmaHQ and public Sysmon configurations, executed: nearly every criterion is decided both
//! ways, nothing faults, and the classes of the rest are known.

mod common;

use channel_gate::{Reason, execute, execute_blob, judge};
use channel_parser::draft::Draft;
use channel_parser::model::{Channel, ContentRevision, InputType, Part};
use channel_parser::{channel, sysmon};
use channel_sources::sigma;
use channel_sources::{Input, SourceFile, Template};
use channel_validators::{BlobContent, Subject};
use common::{corpus, data, member, sensor};
use flate2::read::GzDecoder;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// The files of an archive whose name ends so.
fn unpacked(path: &Path, ending: &str) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(GzDecoder::new(std::fs::File::open(path).expect("an archive")));
    let mut files = Vec::new();
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a name").to_string_lossy().into_owned();
        if name.ends_with(ending) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("bytes");
            files.push((name, bytes));
        }
    }
    files
}

#[test]
fn every_criterion_of_the_public_rules_is_matched_and_missed_or_we_know_why() {
    let Some(path) = data("sigma/sigma-windows-rules.tar.gz", "every_criterion_of_the_public_rules") else {
        return;
    };
    let member = sensor(&corpus().join("contracts/windows/sensor.toml"));
    let template = |known: &channel_contract::TemplateType| Template {
        id: known.id,
        revision: known.revision,
        name: known.name.clone(),
        inputs: known
            .fields
            .iter()
            .map(|field| Input { name: field.name.clone(), input: field.input })
            .collect::<Vec<Input>>(),
        unsupplied: vec![],
    };
    let templates: Vec<_> = member.contract.types.iter().map(template).collect();
    let rules: Vec<_> =
        unpacked(&path, ".yml").into_iter().map(|(name, bytes)| SourceFile { name, bytes }).collect();
    let compiled = sigma::compile(&rules, &templates, "DRL-1.1");
    let draft = Draft {
        channel: Channel(291),
        part: Part(0),
        revision: ContentRevision(1),
        types: compiled.types,
        detections: compiled.detections,
        extra: vec![],
    };
    let bytes = channel::encode(&draft).expect("content");
    let file = channel::parse(&bytes).expect("content");
    let run = execute(&file, &member.contract);
    let share = run.decided as f64 / run.criteria as f64;
    println!(
        "{} instances, {} criteria, {} events, {share:.5} decided: {:?}",
        run.instances, run.criteria, run.events, run.reasons
    );
    assert!(run.load.is_empty() && run.faults.is_empty(), "{:?} {:?}", run.load, run.faults);
    assert!(run.crowds.iter().all(|crowd| crowd.runs.iter().all(|run| run.agree)));
    assert!(run.criteria > 9000 && share > 0.998, "{share} {:?}", run.undecided);
    // What is left are rules that contradict themselves, and what stands behind such a criterion.
    let known = |reason: &Reason| matches!(reason, Reason::NeverHolds | Reason::Behind | Reason::NoMatch);
    assert!(run.reasons.keys().all(known), "{:?}", run.undecided);
}

/// A filter of which a finding speaks is one that another takes over from, fails, or contradicts itself: it is dead as its
/// author wrote it.
#[test]
fn every_filter_of_public_configurations_is_matched_and_missed_or_we_know_why() {
    let Some(path) = data("sysmon/rule-blobs.tar.gz", "every_filter_of_public_configurations") else {
        return;
    };
    let mut all = BTreeMap::<_, u64>::new();
    let (mut filters, mut decided, mut spoken) = (0u64, 0u64, 0u64);
    for (name, bytes) in unpacked(&path, ".bin") {
        let blob = sysmon::parse(&bytes).expect("a blob");
        let subject = Subject::read(name.clone(), &bytes);
        let Some(own) = BlobContent::new(&subject, &blob).compiler else { continue };
        let run = execute_blob(&blob, own, Some(own));
        let judgement = judge(&subject, &[member("its own", own.clone())]);
        let faults = judgement.findings.iter().filter(|finding| matches!(finding.code.0, 601 | 603 | 604));
        assert_eq!(faults.count(), 0, "{name}");
        let places: BTreeSet<_> = judgement.findings.iter().map(|finding| finding.path).collect();
        filters += run.criteria;
        decided += run.decided;
        spoken += run.undecided.iter().filter(|one| places.contains(&one.path)).count() as u64;
        for one in run.undecided.iter().filter(|one| !places.contains(&one.path)) {
            *all.entry(one.reason).or_default() += 1;
            println!("{name} {} {}: {:?}", one.path, one.what, one.reason);
        }
    }
    let share = (decided + spoken) as f64 / filters as f64;
    println!(
        "{filters} filters, {decided} decided, findings speak of {spoken}, {share:.5} together; the rest {all:?}"
    );
    assert!(filters > 1000 && share > 0.94, "{share} {all:?}");
    assert!(all.keys().all(|reason| *reason == Reason::Behind), "{all:?}");
}

/// Executing public content on the shipped contract tries inputs of every type only if the contract has them all.
#[test]
fn the_shipped_sensor_has_every_type_of_input() {
    let member = sensor(&corpus().join("contracts/windows/sensor.toml"));
    let fields = || member.contract.types.iter().flat_map(|known| &known.fields);
    assert!(InputType::ALL.iter().all(|input| fields().any(|field| field.input == *input)));
}
