//! The engine on the public Windows rules and recorded events: it agrees with an evaluator that shares nothing with it, on
//! every event and every detection, and finds every match that the authors of the rules expect.

#[allow(dead_code, reason = "shared with tests that use all of it")]
#[path = "../../../parser/sources/tests/common/event.rs"]
mod event;
#[allow(dead_code, reason = "shared with tests that use all of it")]
#[path = "../../../parser/sources/tests/common/judge.rs"]
mod judge;

use channel_contract::{Contract, toml};
use channel_interpreter::{Engine, Event, Input, Scratch};
use channel_parser::channel::{Detection, encode, parse};
use channel_parser::draft::Draft;
use channel_parser::model::TypeId;
use channel_sources::{SourceFile, Template, sigma};
use flate2::read::GzDecoder;
use judge::Judge;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Third-party data, which is not part of the project. Says which test did not run where it is absent.
fn data(file: &str, test: &str) -> Option<GzDecoder<File>> {
    let folder = std::env::var_os("CONTENTGATE_DATA").map(PathBuf::from);
    let path = folder.unwrap_or_else(|| root().join("../shared/data")).join(file);
    let opened = File::open(&path).ok();
    if opened.is_none() {
        let _ = writeln!(std::io::stderr(), "\n{test} did not run: there is no {}", path.display());
    }
    opened.map(GzDecoder::new)
}

/// The files of an archive whose names end so.
fn unpacked(archive: GzDecoder<File>, ends: &str) -> Vec<SourceFile> {
    let mut files = Vec::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        if name.ends_with(ends) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            files.push(SourceFile { name, bytes });
        }
    }
    files
}

fn contract() -> Contract {
    let text = std::fs::read_to_string(root().join("corpus/contracts/windows/sensor.toml")).unwrap();
    toml::parse(&text).unwrap()
}

fn templates(contract: &Contract) -> Vec<Template> {
    let input = |field: &channel_contract::Field| channel_sources::Input {
        name: field.name.clone(),
        input: field.input,
    };
    let template = |of: &channel_contract::TemplateType| Template {
        id: of.id,
        revision: of.revision,
        name: of.name.clone(),
        inputs: of.fields.iter().map(input).collect(),
        unsupplied: Vec::new(),
    };
    contract.types.iter().map(template).collect()
}

/// The public rules, compiled for the shipped contract.
struct Public {
    contract: Contract,
    templates: Vec<Template>,
    draft: Draft,
    bytes: Vec<u8>,
}

fn public(test: &str) -> Option<Public> {
    let rules = unpacked(data("sigma/sigma-windows-rules.tar.gz", test)?, ".yml");
    let contract = contract();
    let templates = templates(&contract);
    let compiled = sigma::compile(&rules, &templates, "");
    let (types, detections) = (compiled.types, compiled.detections);
    let draft = Draft { channel: contract.types[0].channel, types, detections, ..Draft::default() };
    let bytes = encode(&draft).unwrap();
    Some(Public { contract, templates, draft, bytes })
}

/// An event, and the log that it was recorded in.
struct Recorded {
    log: String,
    event: event::Event,
}

impl Recorded {
    fn new(line: &str, templates: &[Template]) -> Self {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        let id = u32::try_from(json["id"].as_u64().unwrap()).unwrap();
        let template = templates.iter().find(|template| template.id.0 == id).unwrap();
        let event = event::Event::new(template, json["fields"].as_object().unwrap());
        Self { log: json["src"].as_str().unwrap().to_owned(), event }
    }

    /// The inputs in the order of the fields.
    fn inputs(&self, contract: &Contract) -> Vec<Option<Input<'_>>> {
        let input = |input: &'_ event::Input| match input {
            event::Input::Text(_) => unreachable!(),
            event::Input::Integer(n) => Input::Integer(*n),
            event::Input::Address(address) => Input::Address(*address),
        };
        let template = contract.template(TypeId(self.event.template)).unwrap();
        let of = |field: &channel_contract::Field| match self.event.inputs.get(&field.name)? {
            event::Input::Text(text) => Some(Input::Text(text.as_str())),
            other => Some(input(other)),
        };
        template.fields.iter().map(of).collect()
    }
}

fn recorded(set: &str, templates: &[Template], step: usize, test: &str) -> Option<Vec<Recorded>> {
    let mut text = String::new();
    data(&format!("events/{set}.jsonl.gz"), test)?.read_to_string(&mut text).unwrap();
    Some(text.lines().step_by(step).map(|line| Recorded::new(line, templates)).collect())
}

#[test]
fn the_engine_agrees_with_a_naive_judge_on_every_event_and_detection() {
    let test = "the_engine_agrees_with_a_naive_judge_on_every_event_and_detection";
    let Some(Public { contract, templates, draft, bytes }) = public(test) else { return };
    let file = parse(&bytes).unwrap();
    let engine = Engine::new(&file, &contract);
    let (mut judge, mut scratch) = (Judge::new(&draft.types), Scratch::default());
    let prepared: Vec<_> = draft.detections.iter().map(judge::prepared).collect();
    let (mut events, mut compared, mut matched) = (0, 0, 0);
    // A build that is not optimised takes its time.
    let step = if cfg!(debug_assertions) { 60 } else { 1 };
    let sets = [
        ("mixed-mordor", step),
        ("benign-dfir-museum", step),
        ("benign-evtx-rs-sample", step),
        ("malicious-sigma-regression", 1),
    ];
    for (set, step) in sets {
        let Some(all) = recorded(set, &templates, step, test) else { return };
        for one in &all {
            let inputs = one.inputs(&contract);
            let event = Event { template: TypeId(one.event.template), inputs: &inputs };
            let mut found = BTreeSet::new();
            let tell = |detection: &Detection<'_>| assert!(found.insert(detection.index().0));
            engine.run(&event, &mut scratch, tell).unwrap();
            for (number, (detection, of)) in (0u32..).zip(prepared.iter().zip(&draft.detections)) {
                let expected = judge.matches(detection, &one.event);
                assert_eq!(found.contains(&number), expected, "{}: {:?}", of.id, one.event);
                compared += 1;
            }
            matched += found.len();
        }
        events += all.len();
    }
    println!("{events} events, {} detections: {compared} comparisons, {matched} matches", prepared.len());
    assert!(compared > 1_000_000 && matched > 300);
}

/// A log that a rule must match, and how often if that is said.
struct Expected {
    rule: String,
    log: String,
    times: Option<usize>,
}

/// From the files that describe the logs, YAML of one shape: a list of tests, each with a path and perhaps a count.
fn expected(info: &SourceFile) -> Vec<Expected> {
    let text = std::str::from_utf8(&info.bytes).unwrap();
    let (mut all, mut times) = (Vec::new(), None);
    for line in text.lines().map(str::trim) {
        if line.starts_with("- name:") {
            times = None;
        } else if let Some(count) = line.strip_prefix("match_count:") {
            times = count.trim().parse().ok();
        } else if let Some(log) = line.strip_prefix("path:") {
            let log = log.trim();
            let rule = Path::new(log).file_stem().unwrap().to_string_lossy().into_owned();
            all.push(Expected { rule, log: format!("sigma/{log}"), times });
        }
    }
    all
}

/// The rule refers to another field of the event, which no pattern can.
const NOT_EXPRESSIBLE: [&str; 1] = ["d2b7a134-9c3e-4f8a-b56d-e0c1f8a29b47"];

#[test]
fn every_expected_match_of_the_regression_data_is_found() {
    let test = "every_expected_match_of_the_regression_data_is_found";
    let Some(Public { contract, templates, bytes, .. }) = public(test) else { return };
    let Some(infos) = data("sigma/sigma-regression-data.tar.gz", test) else { return };
    let Some(events) = recorded("malicious-sigma-regression", &templates, 1, test) else { return };
    let file = parse(&bytes).unwrap();
    let (engine, mut scratch) = (Engine::new(&file, &contract), Scratch::default());
    let mut found: BTreeMap<(String, String), usize> = BTreeMap::new();
    for one in &events {
        let inputs = one.inputs(&contract);
        let event = Event { template: TypeId(one.event.template), inputs: &inputs };
        let count = |detection: &Detection<'_>| {
            *found.entry((one.log.clone(), detection.id().unwrap().to_owned())).or_default() += 1;
        };
        engine.run(&event, &mut scratch, count).unwrap();
    }
    let logs: BTreeSet<&str> = events.iter().map(|one| one.log.as_str()).collect();
    let all: Vec<Expected> = unpacked(infos, "info.yml").iter().flat_map(expected).collect();
    let (here, elsewhere): (Vec<&Expected>, Vec<&Expected>) =
        all.iter().partition(|expected| logs.contains(expected.log.as_str()));
    for Expected { rule, log, times } in &here {
        let found = found.get(&(log.clone(), rule.clone())).copied().unwrap_or(0);
        // Where the authors count once what matches thrice, all three are matches.
        let enough = found >= times.unwrap_or(1).max(1);
        assert_ne!(enough, NOT_EXPRESSIBLE.contains(&rule.as_str()), "{rule}: {found} of {times:?} in {log}");
    }
    println!("{} expected matches found", here.len() - NOT_EXPRESSIBLE.len());
    // Of other providers than Sysmon.
    elsewhere.iter().for_each(|expected| println!("not among the events: {}", expected.log));
    assert!(here.len() > 100);
}
