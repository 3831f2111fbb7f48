//! Every kind of fault, shown by content that brings it about. The content is that of the validator's rules where they
//! have one for it: what a rule refuses, a sensor that trusts it would suffer; and its near twin makes no fault.

use channel_contract::sysmon::{Version, schema, schemas};
use channel_contract::{Contract, toml};
use channel_interpreter::sysmon::Rules;
use channel_interpreter::{Automata, Event, Fault, FaultKind, Input, Interpreter};
use channel_parser::{channel, sysmon, text};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Bad content, its near twin if it has one, and their sensor.
fn content(name: &str) -> (Vec<u8>, Option<Vec<u8>>, Contract) {
    let assemble = |path: &Path| {
        text::assemble(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let example = corpus().join("contracts/example.toml");
    let (bad, good, sensor) = if name.ends_with(".chn.txt") {
        (here().join("faults").join(name), None, example)
    } else {
        let folder = corpus().join("rules").join(name);
        let own = folder.join("sensor.toml");
        let sensor = if own.exists() { own } else { example };
        (folder.join("bad.chn.txt"), Some(folder.join("good.chn.txt")), sensor)
    };
    let sensor = toml::parse(&read(&sensor)).unwrap_or_else(|error| panic!("{}: {error}", sensor.display()));
    (assemble(&bad), good.map(|path| assemble(&path)), sensor)
}

fn input(word: &str) -> Option<Input<'_>> {
    if let Some(text) = word.strip_prefix('\'') {
        return Some(Input::Text(text.strip_suffix('\'').expect("a quote")));
    }
    let integer = || word.parse().map(Input::Integer).ok();
    (word != "-").then(|| integer().or_else(|| word.parse().map(Input::Address).ok()).expect("an input"))
}

fn show(fault: &Fault) -> String {
    format!("{} {}: {fault}", fault.kind.word(), fault.path)
}

/// What the interpreter says about content and an event, a line a fault.
fn faults(bytes: &[u8], contract: &Contract, event: &str, seen: &mut BTreeSet<FaultKind>) -> String {
    let file = channel::examine(bytes, &mut |_| {}).expect("a header");
    let interpreter = Interpreter::new(&file, contract, Automata::new(&file));
    let mut output = String::new();
    let mut first = None;
    interpreter.load_faults(&mut |fault| {
        writeln!(output, "  load: {}", show(&fault)).unwrap();
        if let Some(span) = &fault.span {
            assert!(span.start < span.end && span.end <= bytes.len() as u64, "{fault:?}");
        }
        seen.insert(fault.kind);
        first.get_or_insert(fault);
    });
    assert_eq!(Interpreter::load(&file, contract, Automata::new(&file)).err(), first);
    let words: Vec<_> = event.split_whitespace().collect();
    let (template, inputs) = words.split_first().expect("a template type");
    let inputs: Vec<_> = inputs.iter().map(|word| input(word)).collect();
    let template = template.parse::<u32>().expect("an id").into();
    match interpreter.run(&Event { template, inputs: &inputs }, &mut ()) {
        Ok(outcome) => writeln!(output, "  event {event}: {outcome:?}").unwrap(),
        Err(fault) => {
            seen.insert(fault.kind);
            writeln!(output, "  event {event}: {}", show(&fault)).unwrap();
        }
    }
    output
}

/// The sensor that a rule blob of the corpus is for.
fn sensor_of(path: &Path) -> Contract {
    let text = read(path);
    let name = text.lines().find_map(|line| line.strip_prefix("# sensors: ")).unwrap_or("sysmon:4.70");
    match name.strip_prefix("sysmon:") {
        Some(version) => schema(version).expect("a schema").clone(),
        None => [path.with_file_name(name), corpus().join("contracts").join(name)]
            .iter()
            .find(|path| path.exists())
            .map(|path| toml::parse(&read(path)).expect("a contract"))
            .expect("a sensor"),
    }
}

/// What the interpreter says about a rule blob, a line a fault.
fn blob_faults(path: &Path, seen: &mut BTreeSet<FaultKind>) -> String {
    let contract = sensor_of(path);
    let bytes = sysmon::assemble(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let blob = sysmon::examine(&bytes, &mut |_| {}).expect("a header");
    let compilers = || {
        schemas().filter(|one| one.sysmon.as_ref().is_some_and(|one| one.binary.number() == blob.version().0))
    };
    let asked = blob.schema().and_then(|schema| Version::from_number(schema.0));
    let meant = compilers()
        .find(|one| one.sysmon.as_ref().map(|one| one.schema) == asked)
        .or_else(|| compilers().last());
    let mut output = String::new();
    Rules::new(&blob, &contract).load_faults(meant, &mut |fault| {
        writeln!(output, "  load: {}", show(&fault)).unwrap();
        let span = fault.span.as_ref().expect("bytes");
        assert!(span.start < span.end && span.end <= bytes.len() as u64, "{fault:?}");
        seen.insert(fault.kind);
    });
    output
}

#[test]
fn every_kind_of_fault_is_shown_and_its_near_twin_makes_none() {
    let table = read(&here().join("faults.txt"));
    let (mut output, mut bad_kinds, mut good_kinds) = (String::new(), BTreeSet::new(), BTreeSet::new());
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((name, events)) = line.split_once(": ") else {
            writeln!(output, "{line}").unwrap();
            let own = here().join("faults").join(line);
            let folder = corpus().join("rules").join(line);
            if own.exists() {
                output += &blob_faults(&own, &mut bad_kinds);
            } else {
                output += &blob_faults(&folder.join("bad.blob.txt"), &mut bad_kinds);
                assert_eq!(blob_faults(&folder.join("good.blob.txt"), &mut good_kinds), "");
            }
            continue;
        };
        let (bad, good, contract) = content(name);
        writeln!(output, "{name}").unwrap();
        for event in events.split(" ; ") {
            output += &faults(&bad, &contract, event.trim(), &mut bad_kinds);
            if let Some(good) = &good {
                faults(good, &contract, event.trim(), &mut good_kinds);
            }
        }
    }
    let expected = here().join("faults.expect");
    if env::var_os("BLESS").is_some() {
        fs::write(&expected, &output).unwrap();
    }
    assert_eq!(output, read(&expected), "if the output is right, BLESS=1 writes it");
    assert_eq!(bad_kinds, FaultKind::ALL.iter().copied().collect());
    assert_eq!(good_kinds, BTreeSet::from([FaultKind::Event]), "of events that the sensor does not send");
}

#[test]
fn every_kind_has_a_name_of_its_own_and_stands_in_the_readme() {
    let readme = read(&here().join("../README.md"));
    for kind in FaultKind::ALL {
        assert!(readme.contains(&format!("\n| `{}` |", kind.word())), "{kind:?}");
        assert_eq!(FaultKind::from_word(kind.word()), Some(*kind));
    }
    assert_eq!(FaultKind::from_word("none"), None);
}
