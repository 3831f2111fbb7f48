//! Real configurations, compiled by Sysmon's own compiler, on recorded Sysmon events: the interpreter agrees with the naive
//! reading on every decision, every filter that is reached and every name that is logged.

mod common;

use channel_contract::sysmon::schemas;
use channel_contract::{Contract, Field};
use channel_interpreter::sysmon::{Answer, Rules, Watch};
use channel_interpreter::{Event, Input};
use channel_parser::model::InputType;
use channel_parser::sysmon as format;
use common::sysmon::{self as naive, Owned};
use flate2::read::GzDecoder;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::PathBuf;

/// Third-party data, which is not part of the project. Says what did not run where it is absent.
fn data(test: &str) -> Option<PathBuf> {
    let given = std::env::var_os("CONTENTGATE_DATA").map(PathBuf::from);
    let folder =
        given.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let there = folder.join("sysmon").exists() && folder.join("events").exists();
    if !there {
        let _ = writeln!(std::io::stderr(), "\n{test} did not run: there is no {}", folder.display());
    }
    there.then_some(folder)
}

fn unpacked(path: PathBuf) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Name and bytes of every blob.
fn blobs(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let archive = unpacked(folder.join("sysmon/rule-blobs.tar.gz"));
    let mut blobs = Vec::new();
    for entry in tar::Archive::new(&archive[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".bin") {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            blobs.push((name, bytes));
        }
    }
    blobs
}

/// The recorded events, each with its id and its fields.
fn events(folder: &std::path::Path) -> Vec<(u32, serde_json::Map<String, serde_json::Value>)> {
    let mut files: Vec<_> =
        fs::read_dir(folder.join("events")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let lines = files.into_iter().flat_map(|path| {
        let text = String::from_utf8(unpacked(path)).unwrap();
        text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect::<Vec<_>>()
    });
    let event = |mut line: serde_json::Value| {
        let id = u32::try_from(line["id"].as_u64()?).ok()?;
        let serde_json::Value::Object(fields) = line["fields"].take() else { return None };
        fields.contains_key("UtcTime").then_some((id, fields))
    };
    lines.filter_map(event).collect()
}

/// What a sensor of today would hand to its filters.
fn input(field: &Field, value: Option<&serde_json::Value>) -> Option<Owned> {
    let text = match value? {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match field.input {
        InputType::Text => Some(Owned::Text(text)),
        InputType::Integer => text.parse().ok().map(Owned::Integer),
        InputType::Address => text.parse().ok().map(Owned::Address),
    }
}

fn borrowed(input: &Owned) -> Input<'_> {
    match input {
        Owned::Text(text) => Input::Text(text),
        Owned::Integer(n) => Input::Integer(*n),
        Owned::Address(address) => Input::Address(*address),
    }
}

#[derive(Default)]
struct Seen(Vec<(u32, u32, Answer)>, Vec<(u32, Answer)>);

impl Watch for Seen {
    fn filter(&mut self, filter: &format::Filter<'_>, answer: Answer) {
        let (event, index) = filter.indices();
        self.0.push((event, index, answer));
    }

    fn rules(&mut self, event: &format::Event<'_>, answer: Answer) {
        self.1.push((event.index(), answer));
    }
}

#[derive(Debug, Default)]
struct Tally {
    blobs: usize,
    decisions: u64,
    logged: u64,
    named: u64,
    by_default: u64,
    failures: u64,
    filters: u64,
}

impl Tally {
    fn hold(
        &mut self,
        blob: &format::Blob<'_>,
        contract: &Contract,
        id: u32,
        inputs: &[Option<Owned>],
        draft: &format::draft::Draft,
    ) {
        let handed: Vec<_> = inputs.iter().map(|one| one.as_ref().map(borrowed)).collect();
        let mut seen = Seen::default();
        let event = Event { template: id.into(), inputs: &handed };
        let ours = Rules::new(blob, contract).decide(&event, &mut seen).unwrap();
        let naive = naive::decide(draft, contract, id, inputs).unwrap();
        assert_eq!((seen.0.len(), &seen.0), (naive.filters.len(), &naive.filters));
        assert_eq!((&seen.1, ours.logged), (&naive.rules, naive.logged));
        assert_eq!(ours.rule.map(|name| name.units().collect::<Vec<_>>()), naive.name);
        assert_eq!(ours.by.map(|(event, filter)| (event.index(), filter.indices().1)), naive.by);
        self.decisions += 1;
        self.logged += u64::from(ours.logged);
        self.named += u64::from(ours.rule.is_some());
        self.by_default += u64::from(ours.by.is_none());
        self.failures += u64::from(ours.failures);
        self.filters += seen.0.len() as u64;
    }
}

#[test]
fn real_configurations_decide_about_recorded_events_as_the_naive_reading_says() {
    let Some(folder) = data("real configurations on recorded events") else { return };
    let (blobs, events) = (blobs(&folder), events(&folder));
    let (mut community, mut small) = (Tally::default(), Tally::default());
    for (name, bytes) in &blobs {
        let blob = format::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let own = schemas()
            .filter(|one| one.sysmon.as_ref().is_some_and(|one| one.binary.number() == blob.version().0));
        let Some(contract) = own.last() else { continue };
        let draft = blob.draft();
        let large = bytes.len() > 400_000;
        let tally = if large { &mut community } else { &mut small };
        tally.blobs += 1;
        // A number that shares no factor with the order of the recordings.
        let every = match (large, cfg!(debug_assertions)) {
            (true, true) => 23,
            (true, false) => 1,
            (false, true) => 997,
            (false, false) => 97,
        };
        for (id, fields) in events.iter().step_by(every) {
            let Some(template) = contract.types.iter().find(|one| one.id.0 == *id) else { continue };
            let inputs: Vec<_> =
                template.fields.iter().map(|field| input(field, fields.get(&field.name))).collect();
            tally.hold(&blob, contract, *id, &inputs, &draft);
        }
    }
    let _ = writeln!(std::io::stderr(), "\nof {} events: {community:?}, {small:?}", events.len());
    for tally in [community, small] {
        assert!(tally.blobs > 1 && tally.logged > 0 && tally.logged < tally.decisions);
        assert!(tally.named > 0 && tally.by_default > 0 && tally.filters > 0);
    }
}
