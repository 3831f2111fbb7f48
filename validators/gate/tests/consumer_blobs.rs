//! Sysmon's rule blobs on another's interpreter: `corpus/consumers/blobs`, written from `SYSMON.md` alone, says of every event
//! what ours says, and is caught where it does not.

mod common;

use channel_contract::sysmon::schemas;
use channel_contract::{Contract, toml};
use channel_gate::consumer::{
    Answers, BlobReading, Consumer, Loading, Outcome, ProblemKind, Reading, Setup, recorded,
};
use channel_gate::{OwnedInput, Record, execute_blob_seen};
use channel_parser::model::TypeId;
use channel_parser::model::view::Content;
use channel_parser::sysmon;
use common::{corpus, files, root};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether there is a Python that reads TOML.
fn has_python() -> bool {
    let found = Command::new("python3").args(["-c", "import tomllib"]).output();
    let found = found.is_ok_and(|output| output.status.success());
    if !found {
        use std::io::Write;
        let why = "not run: the consumer of rule blobs, for there is no python3 of 3.11 or later";
        let _ = writeln!(std::io::stderr(), "\n{why}");
    }
    found
}

/// The consumer for a sensor.
fn setup(contract: &Contract, folder: &Path, more: &[&str]) -> Setup {
    let (program, told) = (corpus().join("consumers/blobs/blobs.py"), folder.join("contract.toml"));
    fs::write(&told, toml::print(contract)).unwrap();
    let mut setup = Setup::new(["python3".as_ref(), program.as_os_str(), told.as_os_str()]);
    setup.command.extend(more.iter().map(Into::into));
    setup
}

fn blobs() -> Vec<(String, Vec<u8>)> {
    let read = |path: std::path::PathBuf| (path.display().to_string(), fs::read(path).unwrap());
    files(&corpus().join("sysmon"), ".bin").into_iter().map(read).collect()
}

#[test]
fn another_reading_of_every_blob_says_the_same() {
    if !has_python() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (blobs, mut events, mut logged) = (blobs(), 0, 0);
    for contract in schemas() {
        let mut consumer = Consumer::spawn(&setup(contract, folder.path(), &[])).unwrap();
        for (name, bytes) in &blobs {
            let blob = sysmon::parse(bytes).unwrap();
            let ours = BlobReading::new(&blob, contract);
            assert_eq!(consumer.load(name, bytes, Answers::Logged), Ok(Loading::Loaded), "{name}");
            let mut records = Vec::new();
            execute_blob_seen(&blob, contract, None, &mut |event| records.push(Record::from(event)));
            for record in records {
                let Ok(outcome) = ours.outcome(&record) else { continue };
                let shown = || format!("{name} on {}, {}", contract.label(), record.to_json());
                assert_eq!(consumer.event(&record).as_ref(), Ok(&outcome), "{}", shown());
                (events, logged) = (events + 1, logged + u64::from(outcome != Outcome::Dropped));
            }
        }
    }
    eprintln!("consumer, blobs: {} blobs, the same of {events} events, {logged} logged", blobs.len());
    assert!(logged > 1000 && events > 2 * logged, "{events} {logged}");
}

/// The lines of `CONSUMER.md` about rule blobs are what it says.
#[test]
fn the_document_shows_what_it_answers() {
    if !has_python() {
        return;
    }
    let document = fs::read_to_string(root().join("validators/gate/CONSUMER.md")).unwrap();
    let shown = document.split("```").find(|block| block.contains("< logged")).unwrap();
    let rules = "sysmon-rules 1\nversion 16.00 schema 4.81\nevent 5 default exclude combine or\n  filter 4 operator 13 name 'shells': 'cmd.exe'\n";
    let bytes = sysmon::assemble(rules).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut consumer = Consumer::spawn(&setup(schemas().last().unwrap(), folder.path(), &[])).unwrap();
    assert_eq!(consumer.load("rules.bin", &bytes, Answers::Logged), Ok(Loading::Loaded));
    let lines: Vec<&str> = shown.lines().skip(1).collect();
    for pair in lines.chunks(2) {
        let [question, answer] = pair else { panic!("{lines:?}") };
        let event: serde_json::Value = serde_json::from_str(&question["> event ".len()..]).unwrap();
        let input = |input: &serde_json::Value| input.as_str().map(|text| OwnedInput::Text(text.to_owned()));
        let inputs = event["inputs"].as_array().unwrap().iter().map(input).collect();
        let found = consumer.event(&Record { template: TypeId(5), inputs }).unwrap();
        let expected = match answer.strip_prefix("< logged ") {
            Some(name) => Outcome::Logged(Some(serde_json::from_str(name).unwrap())),
            None => Outcome::Dropped,
        };
        assert_eq!(found, expected, "{question}");
    }
    assert_eq!(lines.len(), 4);
}

#[test]
fn one_that_reads_otherwise_is_found_with_the_smallest_event_and_the_filter() {
    if !has_python() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let bytes = sysmon::assemble(
        r"sysmon-rules 1
version 16.00 schema 4.81
event 1 default exclude combine or
  filter 4 operator 10: '\cmd.exe'
  filter 4 operator 10 name 'T1218': '\rundll32.exe'
",
    )
    .unwrap();
    let image =
        |image: &str| format!("{{\"id\": 1, \"fields\": {{\"Image\": {image:?}, \"User\": \"x\"}}}}\n");
    let events = folder.path().join("events.jsonl");
    let images = [r"C:\a.exe", r"C:\rundll32.exe", r"C:\Windows\RunDLL32.exe", r"C:\cmd.exe"];
    fs::write(&events, images.map(image).concat()).unwrap();
    let contract = schemas().last().unwrap();
    let content = Content::parse(&bytes).unwrap();
    let run = |more: &[&str]| {
        recorded(&setup(contract, folder.path(), more), &content, contract, vec![events.clone()])
    };
    let found = run(&[]);
    assert_eq!((found.problems.as_slice(), found.agreed), (&[][..], 4));
    let found = run(&["case"]);
    let [problem] = found.problems.as_slice() else { panic!("{found:?}") };
    assert_eq!((problem.kind, problem.repeated, problem.count), (ProblemKind::Disagrees, true, 1));
    assert_eq!(problem.what, "does not log it, and the interpreter logs it as `T1218`");
    assert_eq!(problem.filter.unwrap().to_string(), "events[0].filters[1]");
    let [event] = problem.events.as_slice() else { panic!("{problem:?}") };
    let given = event.inputs.iter().flatten().collect::<Vec<_>>();
    assert_eq!(given, [&OwnedInput::Text(r"\RunDLL32.exe".into())], "nothing is left that need not be");
}
