//! `CONSUMER.md` is true: its transcript is what a consumer says, its program is the one in the corpus and speaks the
//! protocol, and every rule about consumers has its page.

mod trusting;

use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType};
use channel_gate::Record;
use channel_gate::consumer::{Answers, Consumer, Loading, Outcome, Setup};
use channel_gate::rules::consumer::RULES;
use channel_parser::model::{Channel, InputType, TypeId, TypeRevision};
use channel_parser::text;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use trusting::{Build, not_run, root, sensor, told};

fn document() -> String {
    fs::read_to_string(root().join("validators/gate/CONSUMER.md")).unwrap()
}

/// The text of the first block of this kind that holds something.
fn block(document: &str, kind: &str, with: &str) -> String {
    let blocks = document.split("```").skip(1).step_by(2);
    let mut own = blocks.filter_map(|block| block.strip_prefix(kind)?.strip_prefix('\n'));
    own.find(|block| block.contains(with)).unwrap().to_owned()
}

/// The content of the example in `FORMAT.md`.
fn example() -> Vec<u8> {
    let format = fs::read_to_string(root().join("parser/FORMAT.md")).unwrap();
    text::assemble(&block(&format, "text", "Pipe of a framework")).unwrap()
}

fn contract() -> Contract {
    let field =
        |name: &str, input, max_bytes, nullable| Field { name: name.into(), input, nullable, max_bytes };
    let fields =
        vec![field("pipe_name", InputType::Text, 64, false), field("session", InputType::Integer, 0, true)];
    let (id, revision, channel) = (TypeId(7), TypeRevision(1), Channel(291));
    let ipc =
        TemplateType { id, revision, channel, fields, supplied: 2, instance_cap: 4, ..Default::default() };
    let limits = Limits {
        file_bytes: 4096,
        detections: 4,
        instances: 4,
        clauses_per_criterion: 4,
        patterns_per_clause: 4,
        operand_bytes: 64,
        ..Default::default()
    };
    Contract { types: vec![ipc], operators: OperatorSet::all(), limits, ..Default::default() }
}

#[test]
fn the_transcript_is_what_the_trusting_sensor_says() {
    let Some(built) = sensor(Build::Memory) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("contract");
    fs::write(&path, told(&contract())).unwrap();
    let mut process = Command::new(&built.path)
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env("ASAN_OPTIONS", "detect_leaks=0")
        .spawn()
        .unwrap();
    let (mut to, mut from) =
        (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()).lines());
    let bytes = example();
    let mut answers = 0;
    for line in block(&document(), "text", "> end").lines() {
        match line.split_at(2) {
            ("> ", "(552 bytes)") => to.write_all(&bytes).unwrap(),
            ("> ", question) => writeln!(to, "{question}").unwrap(),
            ("< ", answer) => {
                assert_eq!(from.next().unwrap().unwrap(), answer);
                answers += 1;
            }
            _ => panic!("{line}"),
        }
    }
    assert!(answers >= 6 && bytes.len() == 552);
    assert_eq!(from.next().map(Result::unwrap), None);
    assert!(process.wait().unwrap().success());
}

#[test]
fn the_program_of_the_document_is_that_of_the_corpus() {
    let program = fs::read_to_string(root().join("corpus/consumers/minimal/minimal.py")).unwrap();
    assert_eq!(block(&document(), "python", "class Sensor"), program);
}

#[test]
fn another_implementation_speaks_the_protocol() {
    let program: PathBuf = root().join("corpus/consumers/minimal/minimal.py");
    if !Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return not_run(format_args!("not run: the consumer in Python, for there is no python3"));
    }
    let mut consumer = Consumer::spawn(&Setup::new(["python3".as_ref(), program.as_os_str()])).unwrap();
    assert_eq!(consumer.name(), "minimal");
    assert_eq!(
        consumer.load("none.sys", b"", Answers::Matches(0)),
        Ok(Loading::Refused("the file is empty".into()))
    );
    // A second file takes the place of the first; any byte may stand in one.
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    assert_eq!(consumer.load("two\nlines.sys", &bytes, Answers::Matches(1)), Ok(Loading::Loaded));
    for _ in 0..3 {
        assert_eq!(consumer.event(&Record::default()), Ok(Outcome::Matches(vec![])));
    }
}

#[test]
fn every_rule_about_consumers_has_its_page_and_its_line() {
    const SECTIONS: [&str; 6] =
        ["## What it checks", "## Why it matters", "## Bad", "## Good", "## How to fix", "## Incident"];
    let document = document();
    let mut listed = 0;
    for rule in RULES {
        let page =
            root().join("validators/gate/src/rules/consumer").join(rule.name.replace('-', "_") + ".md");
        assert_eq!(fs::read_to_string(&page).unwrap(), rule.page);
        let heads: Vec<_> = rule.page.lines().filter(|line| line.starts_with('#')).collect();
        let title = format!("# {} {}", rule.code, rule.name);
        assert_eq!(heads.split_first(), Some((&title.as_str(), &SECTIONS[..])));
        assert!(document.contains(&format!("{} {}", rule.code, rule.name)), "{}", rule.name);
        assert_eq!(rule.code.0 / 10, 62);
        listed += 1;
    }
    let pages = fs::read_dir(root().join("validators/gate/src/rules/consumer")).unwrap();
    let pages = pages.filter(|entry| entry.as_ref().unwrap().path().extension() == Some("md".as_ref()));
    assert_eq!((pages.count(), listed), (RULES.len(), 6));
}
