//! Rule blobs: two independent mistakes are two findings, a consequence is none, and the largest public configurations
//! are judged for every schema.

mod common;

use channel_contract::sysmon::named_fleet;
use channel_parser::sysmon::{assemble, parse};
use channel_validators::report::{Outcome, matrix, write_matrix};
use channel_validators::{
    Because, BlobContent, Judgement, Member, Need, Status, Subject, Verdict, judge, minimum_schema,
};
use common::{blessed, corpus, files, member, read, root};
use std::collections::BTreeSet;
use std::time::Instant;

const CONTENT: &str = "sysmon-rules 1
version 9.20 schema 4.32

event 1 default exclude combine or
  filter 4 operator 0 name 'tool': 'C:\\bin\\tool.exe'
  group 1 combine and name 'both'
    filter 10 operator 2: ' -enc '
    filter 4 operator 2: 'powershell'

event 11 default include combine or
  filter 5 operator 2: '.tmp'
  filter 4 operator 0: 'C:\\bin\\editor.exe'
";

/// A line of the content and what takes its place, or lines at its end; and the rule that it breaks.
const BREAKS: &[(&str, &str, &str)] = &[
    ("unsupplied-input", "  filter 5 operator 2: '.tmp'", "  filter 9 operator 2: '.tmp'"),
    ("unknown-type", "event 11 default", "event 23 default include combine or\n\nevent 11 default"),
    ("operator", "    filter 10 operator 2: ' -enc '", "    filter 10 operator 5: ' -enc ;-e'"),
    (
        "environment",
        "  filter 4 operator 0: 'C:\\bin\\editor.exe'",
        "  filter 4 operator 0 environment: '%windir%\\editor.exe'",
    ),
    (
        "match-all",
        "  filter 4 operator 0 name 'tool'",
        "  filter 3 operator 2: ''\n  filter 4 operator 0 name 'tool'",
    ),
    (
        "duplicate",
        "    filter 4 operator 2: 'powershell'",
        "    filter 4 operator 2: 'powershell'\n    filter 4 operator 2: 'PowerShell'",
    ),
    ("shadowed", "  group 1", "  filter 4 operator 2 name 'tool': 'tool.exe'\n  group 1"),
    (
        "defeated",
        "event 11 default include",
        "event 1 default include combine or\n  filter 10 operator 2: '-enc'\n\nevent 11 default include",
    ),
    ("gap", "", "append 00 00 00 00 00 00 00 00"),
    ("count", "", "set events[0].count = 9"),
    ("word", "", "set aggregations[0].combine = 2"),
    ("aggregation", "", "set events[0].filters[2].aggregation = 7"),
    ("reserved", "", "set aggregations[0].padding = hex 01 00 00 00"),
];

fn fleet(name: &str) -> Vec<Member> {
    let members = named_fleet(name).expect("a fleet").expect("a known one");
    members.into_iter().map(|(origin, contract)| member(&origin, contract)).collect()
}

fn judged(text: &str, sensors: &str) -> Judgement {
    let bytes = assemble(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    judge(&Subject::read("rules.bin", &bytes), &fleet(sensors))
}

fn found(breaks: &[&(&str, &str, &str)], sensors: &str) -> Vec<&'static str> {
    let mut text = CONTENT.to_owned();
    for (_, from, to) in breaks.iter().filter(|one| !one.1.is_empty()) {
        assert_eq!(text.matches(from).count(), 1, "{from}\n{text}");
        text = text.replace(from, to);
    }
    for (_, _, line) in breaks.iter().filter(|one| one.1.is_empty()) {
        let set = line.starts_with("set");
        let at = text.find("append").filter(|_| set).unwrap_or(text.len());
        text.insert_str(at, &format!("{line}\n"));
    }
    let mut rules: Vec<_> = judged(&text, sensors).findings.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules
}

#[test]
fn each_mistake_is_its_own_finding() {
    assert_eq!(found(&[], "sysmon:4.23"), Vec::<&str>::new());
    let mut wrong = Vec::new();
    for (n, a) in BREAKS.iter().enumerate() {
        let alone = found(&[a], "sysmon:4.23");
        if alone != [a.0] {
            wrong.push(format!("{}: found {alone:?}", a.0));
        }
        for b in BREAKS.iter().skip(n + 1) {
            let mut expected = [a.0, b.0];
            expected.sort_unstable();
            let found = found(&[a, b], "sysmon:4.23");
            if found != expected {
                wrong.push(format!("{expected:?}: found {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The sensor drops a filter whose size is none, so that it matches nothing, and not everything.
#[test]
fn a_value_without_a_size_is_no_empty_one() {
    let judgement = judged(&read(&corpus().join("broken/data-without-size.blob.txt")), "sysmon:4.70");
    assert_eq!(judgement.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["data-size"]);
}

/// Everything that a sensor has against a file of another format is that it is one.
#[test]
fn another_format_is_the_only_finding_and_its_rules_do_not_count() {
    let bytes = assemble(CONTENT).expect("a blob");
    let mut both = fleet("sysmon:4.31");
    let example =
        channel_contract::toml::parse(&read(&corpus().join("contracts/example.toml"))).expect("one");
    both.push(member("example.toml", example));
    let judgement = judge(&Subject::read("rules.bin", &bytes), &both);
    let rules: Vec<_> = judgement.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["sensor-format"]);
    assert_eq!(judgement.refused_for, [both[1].contract.label()]);
    let alone = judge(&Subject::read("rules.bin", &bytes), &both[..1]);
    assert_eq!(alone.verdict, Verdict::Pass);
    let checksum = alone.rules.iter().find(|rule| rule.name == "checksum").map(|rule| rule.status);
    assert_eq!(checksum, Some(Status::NotApplicable(Because::OtherFormat)));
    assert_eq!(judge(&Subject::read("rules.bin", &bytes), &[]).verdict, Verdict::CannotJudge);
}

/// The field that a filter meant is told by the compiler that wrote the version, whatever schema the header asks for.
#[test]
fn the_compiler_and_not_the_header_says_what_was_meant() {
    // Field 4 of a process is FileVersion to the compiler of version 15.00, wherever the configuration says 4.22.
    let text = "sysmon-rules 1\nversion 15.00 schema 4.22\n\nevent 23 default exclude combine or\n  filter 5 operator 2: 'a'\n";
    assert_eq!(judged(text, "sysmon:4.70").verdict, Verdict::Pass);
    let rules: BTreeSet<_> =
        judged(text, "sysmon:4.22").findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, BTreeSet::from(["binary-version", "unknown-type"]));
}

#[test]
fn the_minimum_schema_is_what_the_content_uses() {
    let minimum = |text: &str| {
        let bytes = assemble(text).expect("a text");
        let subject = Subject::read("rules", &bytes);
        minimum_schema(&BlobContent::new(&subject, subject.blob().expect("a blob")))
    };
    // FileCreate came with 3.20; before 4.21 a process had no OriginalFileName, so that its command line stood elsewhere.
    let all = minimum(CONTENT);
    assert_eq!((all.blob.as_deref(), all.source.as_deref()), (Some("4.21"), Some("3.20")));
    let process = minimum(
        "sysmon-rules 1\nversion 15.00 schema 4.70\n\nevent 25 default exclude combine or\n  filter 4 operator 0: 'a'\n",
    );
    assert_eq!(process.source.as_deref(), Some("4.50"));
    assert_eq!(process.needs, [Need::Event("ProcessTampering".into())]);
    assert!(process.sentence().starts_with("the rules need schema 4.50, because of event ProcessTampering"));
}

/// The events of the registry, of pipes and of WMI share the name of their rules, and are one list to the sensor.
#[test]
fn filters_are_weighed_against_those_of_events_with_the_same_name() {
    let found = |events: &str| {
        let judgement =
            judged(&format!("sysmon-rules 1\nversion 15.00 schema 4.70\n{events}"), "sysmon:4.70");
        let of = |finding: &channel_validators::Finding| format!("{} {}", finding.rule, finding.path);
        judgement.findings.iter().map(of).collect::<Vec<_>>()
    };
    let registry = |effect: &str, excluded: u32| {
        format!(
            "event 12 default exclude combine or\n  filter 6 operator 10: '\\Run'\n\
             event {excluded} default {effect} combine or\n  filter 6 operator 2: '\\run'\n"
        )
    };
    assert_eq!(found(&registry("include", 13)), ["defeated events[0].filters[0]"]);
    assert_eq!(found(&registry("exclude", 14)), ["shadowed events[0].filters[0]"]);
    assert!(
        found(
            &registry("exclude", 14)
                .replace("combine or", "combine and")
                .replace("'\\run'", "'\\run'\n  filter 5 operator 2: 'x'")
        )
        .is_empty()
    );
    // Field 6 of another event is another field, and its rules have another name.
    assert!(found(&registry("include", 1)).is_empty());
}

/// As many wide filters as narrow ones, made to be slow.
#[test]
fn the_search_for_wider_filters_gives_up() {
    let mut text =
        String::from("sysmon-rules 1\nversion 15.00 schema 4.70\n\nevent 1 default exclude combine or\n");
    for n in 0..1500 {
        text += &format!("  filter 10 operator 2: '{}b{n}'\n", "a".repeat(1000));
    }
    let bytes = assemble(&text).expect("a blob");
    let start = Instant::now();
    assert_eq!(judge(&Subject::read("rules.bin", &bytes), &fleet("sysmon:4.70")).verdict, Verdict::Pass);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

/// A blob of each fixture beside every schema, as a matrix.
#[test]
fn the_matrix_is_blessed() {
    let path = corpus().join("rules/another-field/bad.blob.txt");
    let judgement = judged(&read(&path), "sysmon:all");
    let rows = matrix(&judgement);
    assert_eq!(rows.len(), 20);
    assert_eq!(rows.iter().filter(|row| row.outcome == Outcome::Works).count(), 1);
    let mut out = Vec::new();
    write_matrix(&[judgement], &mut out).expect("memory");
    let text = String::from_utf8(out).expect("UTF-8");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    if let Err(differs) = blessed(&root().join("validators/tests/report/matrix.txt"), &text) {
        panic!("{differs}");
    }
}

/// Text forms of blobs in the corpus that are whole.
#[test]
fn good_fixtures_are_whole() {
    for path in files(&corpus().join("rules"), "good.blob.txt") {
        assert!(parse(&assemble(&read(&path)).expect("a text")).is_ok(), "{}", path.display());
    }
}
