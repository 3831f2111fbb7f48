//! The trusting sensor on the corpus: what the gate passes does not kill it and matches the same; each witness of a fault
//! does to it what the table of `corpus/consumers/trusting/README.md` says.

mod trusting;

use channel_contract::{Contract, toml};
use channel_gate::consumer::{Answers, Consumer, Failure, Loading, ProblemKind, steered};
use channel_gate::execute;
use channel_interpreter::{Automata, Fault, FaultKind, Interpreter};
use channel_parser::channel::{self, ChannelFile, Operand, Pattern};
use channel_parser::model::Operator;
use channel_parser::model::view::Content;
use channel_parser::text;
use channel_validators::{Member, Subject, Verdict, judge};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use trusting::{Build, Fate, fate, fate_on_loading, root, sensor, setup};

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = |path: PathBuf| if path.is_dir() { files(&path, ending) } else { vec![path] };
    paths.into_iter().flat_map(below).filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

/// Each content of the corpus that can be read, with each sensor of its folder, or the example.
fn corpus() -> Vec<(String, Vec<u8>, Contract)> {
    let corpus = root().join("corpus");
    let mut all = Vec::new();
    for folder in ["rules", "incidents", "valid"] {
        for path in files(&corpus.join(folder), ".chn.txt") {
            let bytes = text::assemble(&fs::read_to_string(&path).unwrap()).unwrap();
            if channel::parse(&bytes).is_err() {
                continue;
            }
            let mut sensors = files(path.parent().unwrap(), ".toml");
            if sensors.is_empty() {
                sensors.push(corpus.join("contracts/example.toml"));
            }
            for sensor in sensors {
                let contract = toml::parse(&fs::read_to_string(&sensor).unwrap()).unwrap();
                let name = path.strip_prefix(&corpus).unwrap().display();
                if contract.sysmon.is_none() {
                    all.push((format!("{name} on {}", contract.label()), bytes.clone(), contract));
                }
            }
        }
    }
    all
}

fn verdict(bytes: &[u8], contract: &Contract) -> Verdict {
    let fleet = [Member { origin: "test".into(), sha256: String::new(), contract: contract.clone() }];
    judge(&Subject::read("", bytes), &fleet).verdict
}

/// Whether it has an expression that the sensor does not support.
fn has_regexes(file: &ChannelFile<'_>) -> bool {
    let strange = |pattern: &Pattern<'_>| {
        let Some(Operand::Text(text)) = pattern.operand() else { return false };
        pattern.operator() == Some(Operator::Regex) && text != JULY
    };
    file.patterns().any(|pattern| strange(&pattern))
}

/// The expression in the file of July 2024.
const JULY: &str = r"^\\[0-9a-f]{8}$";

#[test]
fn what_the_gate_passes_does_not_kill_it_and_matches_the_same() {
    let Some(built) = sensor(Build::Memory) else { return };
    let (mut passed, mut answers) = (0, 0);
    for (name, bytes, contract) in corpus() {
        let file = channel::parse(&bytes).unwrap();
        if verdict(&bytes, &contract) == Verdict::Fail || has_regexes(&file) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let found = steered(&setup(built, &contract, folder.path()), &Content::Channel(file), &contract);
        assert_eq!((found.problems.as_slice(), &found.unrun), (&[][..], &None), "{name}");
        assert_eq!(found.faulted, 0, "{name}");
        (passed, answers) = (passed + 1, answers + found.agreed);
    }
    assert!(passed > 20 && answers > 500, "{passed} {answers}");
}

/// What is done to a sensor by each fault that the corpus has, by kind.
type Done = BTreeMap<FaultKind, (u64, u64)>;

fn note(done: &mut Done, kind: FaultKind, died: bool) {
    let counts = done.entry(kind).or_default();
    if died { counts.0 += 1 } else { counts.1 += 1 }
}

#[test]
fn each_witness_of_the_corpus_does_what_the_table_says() {
    let Some(built) = sensor(Build::Memory) else { return };
    let mut done = Done::new();
    for (name, bytes, contract) in corpus() {
        let file = channel::parse(&bytes).unwrap();
        let run = execute(&file, &contract);
        if (run.load.is_empty() && run.faults.is_empty()) || has_regexes(&file) {
            continue;
        }
        assert_eq!(verdict(&bytes, &contract), Verdict::Fail, "{name}");
        let folder = tempfile::tempdir().unwrap();
        let setup = setup(built, &contract, folder.path());
        let load = || -> Result<Consumer, Failure> {
            let mut consumer = Consumer::spawn(&setup)?;
            let loading = consumer.load(&name, &bytes, Answers::Matches(u32::MAX))?;
            assert_eq!(loading, Loading::Loaded, "{name}");
            Ok(consumer)
        };
        let loaded = load();
        hold_loading(&name, Build::Memory, &run.load, &loaded, &mut done);
        if loaded.is_err() {
            continue;
        }
        for faulted in run.faults.values() {
            // What one instance alone does on an event, the file need not: only what it does is a witness.
            let interpreter = Interpreter::new(&file, &contract, Automata::new(&file));
            let Err(fault) = interpreter.run(&faulted.event.view().event(), &mut ()) else { continue };
            let answer = load().unwrap().event(&faulted.event);
            let died = matches!(answer, Err(Failure::Died { .. }));
            assert!(died || answer.is_ok(), "{name}: {answer:?}");
            let expected = fate(&fault, &file, &contract, &faulted.event);
            let shown = faulted.event.to_json();
            assert_eq!(died, expected == Fate::Dies, "{name}: {fault} at {} on {shown}", fault.path);
            note(&mut done, fault.kind, died);
        }
    }
    eprintln!("died and lived, by kind of fault: {done:?}");
    for kind in [FaultKind::Capacity, FaultKind::UnknownType, FaultKind::FieldCount, FaultKind::PastInputs] {
        assert!(done.get(&kind).is_some_and(|(died, lived)| *died > 0 && *lived == 0), "{kind:?}: {done:?}");
    }
}

/// Holds what loading did to what the faults of loading must do.
fn hold_loading(
    name: &str,
    build: Build,
    faults: &[Fault],
    loaded: &Result<Consumer, Failure>,
    done: &mut Done,
) {
    let died = matches!(loaded, Err(Failure::Died { .. }));
    assert!(died || loaded.is_ok(), "{name}: {loaded:?}");
    let fates: Vec<_> = faults.iter().map(|fault| fate_on_loading(fault, build)).collect();
    if fates.contains(&Fate::Dies) {
        assert!(died, "{name}: {faults:?}");
    } else if !fates.contains(&Fate::Either) {
        assert!(!died, "{name}: {loaded:?}");
    }
    if let [fault] = faults {
        note(done, fault.kind, died);
    }
}

#[test]
fn each_number_that_a_store_cuts_kills_the_build_that_watches_numbers() {
    let Some(built) = sensor(Build::Numbers) else { return };
    let mut done = Done::new();
    for (name, bytes, contract) in corpus() {
        let file = channel::parse(&bytes).unwrap();
        let run = execute(&file, &contract);
        // Room that is too small is another matter, and what this build does then is anything.
        let other = |fault: &Fault| !matches!(fault.kind, FaultKind::Width | FaultKind::AnotherField);
        if has_regexes(&file) || run.load.iter().any(other) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut consumer = Consumer::spawn(&setup(built, &contract, folder.path())).unwrap();
        let loaded = consumer.load(&name, &bytes, Answers::Matches(u32::MAX)).map(|_| consumer);
        hold_loading(&name, Build::Numbers, &run.load, &loaded, &mut done);
    }
    eprintln!("died and lived, by kind of fault: {done:?}");
    assert!(done.get(&FaultKind::Width).is_some_and(|(died, lived)| *died > 0 && *lived == 0), "{done:?}");
}

/// The day itself: the file that passed for the definitions, on the sensor that supplied one input less.
#[test]
fn the_file_of_july_2024_kills_the_sensor_that_supplies_20_inputs_and_not_the_one_that_supplies_21() {
    let Some(built) = sensor(Build::Memory) else { return };
    let incident = root().join("corpus/incidents/channel-file-291");
    for (revision, version, dies) in
        [(32, "7.11", false), (32, "7.15", false), (33, "7.11", true), (33, "7.15", false)]
    {
        let bytes = fs::read(incident.join(format!("C-00000291-00000000-{revision:08}.sys"))).unwrap();
        let contract = fs::read_to_string(incident.join(format!("sensor-{version}.toml"))).unwrap();
        let contract = toml::parse(&contract).unwrap();
        let file = channel::parse(&bytes).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let found = steered(&setup(built, &contract, folder.path()), &Content::Channel(file), &contract);
        let crash = found.problems.iter().find(|problem| problem.kind == ProblemKind::Crash);
        assert_eq!(crash.is_some(), dies, "revision {revision} on {version}: {found:?}");
        assert_eq!(found.problems.len(), usize::from(dies), "{found:?}");
        if let Some(crash) = crash {
            assert!(crash.what.contains("AddressSanitizer: heap-buffer-overflow"), "{}", crash.what);
            let [event] = crash.events.as_slice() else { panic!("{crash:?}") };
            assert_eq!(event.inputs.len(), 20);
        }
    }
}
