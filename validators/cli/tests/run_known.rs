//! The replays of outages that content brought about which no sensor could have refused: it held for what is good. What comes
//! out is what the README of each says.

mod common;

use common::{root, run};
use std::fs;

/// Each with its content of the day, its twin, and what the finding must name.
const REPLAYS: [(&str, &str, &str, &[&str]); 3] = [
    (
        "dat-5958",
        "C-00000058-00000000-00005958",
        "C-00000058-00000000-00005959",
        &["known-good.jsonl:4", "svchost.exe"],
    ),
    (
        "updater-b",
        "C-00000066-00000000-00000001",
        "C-00000066-00000000-00000002",
        &["known-good.jsonl:1", "SensorUpdate.exe"],
    ),
    (
        "slash",
        "C-00000031-00000000-00000001",
        "C-00000031-00000000-00000002",
        &["known-good.jsonl:1", "www.example.com"],
    ),
];

struct Replay {
    folder: String,
    built: tempfile::TempDir,
}

impl Replay {
    fn new(name: &str) -> Self {
        let folder = root().join("corpus/incidents").join(name).to_str().unwrap().to_owned();
        Self { folder, built: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    /// The file that a text of the replay makes.
    fn content(&self, name: &str) -> String {
        let file = self.built.path().join(format!("{name}.sys")).to_str().unwrap().to_owned();
        assert_eq!(run(&["assemble", &self.at(&format!("{name}.chn.txt")), "-o", &file]).2, 0);
        file
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.built.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn check(&self, content: &str, more: &[&str]) -> (String, i32) {
        let sensor = self.at("sensor.toml");
        let (stdout, stderr, status) = run(&[&["check", content, "-s", &sensor][..], more].concat());
        (stdout + &stderr, status)
    }
}

#[test]
fn what_matches_a_good_event_is_refused_and_its_twin_is_not() {
    for (name, bad, good, named) in REPLAYS {
        let replay = Replay::new(name);
        let (events, list) = (replay.at("known-good.jsonl"), replay.at("expected.list"));
        let known = ["--known-good", &events, "--expect", &list];
        for content in [bad, good] {
            let (printed, status) = replay.check(&replay.content(content), &[]);
            assert_eq!(status, 0, "{content}: nothing but the events can tell: {printed}");
        }
        let (printed, status) = replay.check(&replay.content(bad), &known);
        assert_eq!((status, printed.matches("error[").count()), (1, 1), "{bad}: {printed}");
        assert!(
            printed.contains("error[CG610]") && printed.contains("instances[0].criteria[0]"),
            "{printed}"
        );
        named.iter().for_each(|named| assert!(printed.contains(named), "{named}: {printed}"));
        let (printed, status) = replay.check(&replay.content(good), &known);
        assert_eq!(status, 0, "{good}: {printed}");
    }
}

#[test]
fn a_match_that_does_not_come_about_is_a_finding() {
    let replay = Replay::new("slash");
    let content = replay.content("C-00000031-00000000-00000002");
    let events = replay.at("known-good.jsonl");
    let line = |rest: &str| format!("{{\"events\": {events:?}, {rest}}}\n");
    for (rest, found) in [
        (r#""detection": "page-0001""#, "expected a match in `"),
        (r#""detection": "page-0001", "number": 2"#, ":2`, found none"),
        (r#""detection": "page-0001", "number": 99"#, ":99`, found no event there: the last one is 4"),
        (r#""detection": "page-0001", "matches": 3"#, "expected 3 matches in `"),
        (r#""detection": "page-0009""#, "there is no detection `page-0009`"),
    ] {
        let list = replay.write("list.jsonl", &line(rest));
        let (printed, status) = replay.check(&content, &["--expect", &list]);
        assert_eq!((status, printed.matches("error[CG611]").count()), (1, 1), "{rest}: {printed}");
        assert!(printed.contains(found), "{found}: {printed}");
    }
    // Of several files one has the detection.
    let text = fs::read_to_string(replay.at("C-00000031-00000000-00000002.chn.txt")).unwrap();
    let text = replay.write("other.chn.txt", &text.replace("page-0001", "page-0002"));
    let other = replay.write("C-00000031-00000000-00000003.sys", "");
    assert_eq!(run(&["assemble", &text, "-o", &other]).2, 0);
    let list = replay.at("expected.list");
    assert!(replay.check(&other, &["--expect", &list]).0.contains("CG611"));
    for both in [[&content, &other], [&other, &content]] {
        let (printed, _) = replay.check(both[0], &[both[1].as_str(), "--expect", &list]);
        assert!(!printed.contains("CG611"), "{printed}");
    }
}

#[test]
fn events_that_say_nothing_are_no_pass() {
    let replay = Replay::new("slash");
    let content = replay.content("C-00000031-00000000-00000002");
    let empty = replay.write("empty.jsonl", "");
    let other = replay.write("other.jsonl", "{\"id\": 1, \"fields\": {}}\n");
    let broken = replay
        .write("broken.jsonl", "{\"type\": \"page\", \"fields\": {\"Url\": \"a\"}}\n{\"type\": \"page\"\n");
    let list = replay.write("list.jsonl", "# nothing\n");
    let missing = replay.at("no-such-file.jsonl");
    for (more, why) in [
        (["--known-good", &empty], "no event of it"),
        (["--known-good", &other], "no event of it"),
        (["--known-good", &broken], "broken.jsonl:2: column"),
        (["--known-good", &missing], "no such file"),
        (["--expect", &list], "expects nothing"),
        (["--expect", &missing], "no such file"),
    ] {
        let (printed, status) = replay.check(&content, &more);
        assert_eq!(status, 3, "{more:?}: {printed}");
        assert!(printed.contains(why), "{why}: {printed}");
    }
    let wrong = replay.write("wrong.jsonl", "{\"detection\": \"a\", \"event\": \"b\"}\n");
    assert_eq!(replay.check(&content, &["--expect", &wrong]).1, 2);
}

#[test]
fn rules_about_known_events_have_pages_of_the_same_form() {
    for (code, name) in [("CG610", "known-good-match"), ("CG611", "missed-detection")] {
        let (page, _, status) = run(&["explain", name]);
        assert_eq!(status, 0);
        let heads: Vec<&str> = page.lines().filter(|line| line.starts_with('#')).collect();
        let title = format!("# {code} {name}");
        let sections = ["What it checks", "Why it matters", "Bad", "Good", "How to fix", "Incident"];
        let sections = sections.map(|section| format!("## {section}"));
        assert_eq!(heads, [&[title][..], &sections].concat());
        assert!(run(&["rules"]).0.contains(code));
    }
}

/// A page shows lines of the replay that its rule would have stopped.
#[test]
fn the_page_of_good_events_shows_the_replay() {
    let replay = Replay::new("dat-5958");
    let page = run(&["explain", "CG610"]).0;
    let shown: Vec<&str> = page.lines().filter(|line| line.starts_with("    ")).collect();
    let of = |name: &str| fs::read_to_string(replay.at(&format!("{name}.chn.txt"))).unwrap();
    let lines = [of(REPLAYS[0].1), of(REPLAYS[0].2)].concat();
    assert!(shown.len() == 3 && shown.iter().all(|line| lines.contains(line)), "{shown:?}");
}

#[test]
fn a_report_overwrites_neither_what_a_list_names_nor_a_source_map() {
    let replay = Replay::new("slash");
    let content = replay.content("C-00000031-00000000-00000002");
    let events = replay.write("events.jsonl", &fs::read_to_string(replay.at("known-bad.jsonl")).unwrap());
    let list = fs::read_to_string(replay.at("expected.list")).unwrap();
    let list = replay.write("list", &list.replace("known-bad.jsonl", "events.jsonl"));
    let map = format!("{content}.map.json");
    fs::write(&map, "a map").unwrap();
    for (file, whole) in [(&events, fs::read(&events).unwrap()), (&map, fs::read(&map).unwrap())] {
        let output = format!("json={file}");
        let (printed, status) = replay.check(&content, &["--expect", &list, "-o", &output]);
        assert_eq!(status, 2, "{printed}");
        assert_eq!(fs::read(file).unwrap(), whole, "{file} was overwritten");
    }
}

#[test]
fn what_is_known_is_never_left_out_silently() {
    let replay = Replay::new("slash");
    let content = replay.content("C-00000031-00000000-00000002");
    let list = replay.at("expected.list");
    assert_eq!(run(&["check", &content, "--structure-only", "--expect", &list]).2, 2);
    let (stdout, _, status) = run(&["check", &content, "-s", "sysmon:4.81", "--expect", &list]);
    assert_eq!(
        (status, stdout.contains("CG611")),
        (1, false),
        "another sensor's content is refused: {stdout}"
    );
}

/// A configuration of Sysmon, with the known events beside it.
fn sysmon(name: &str, sensor: &str, more: &[&str]) -> (String, i32) {
    let file = format!("corpus/sysmon/known/{name}.xml");
    let (stdout, stderr, status) = run(&[&["check", &file, "-s", sensor], more].concat());
    (stdout + &stderr, status)
}

const GOOD: [&str; 2] = ["--known-good", "corpus/sysmon/known/known-good.jsonl"];

#[test]
fn what_sysmon_logs_of_good_events_is_refused_with_the_filter_and_its_line() {
    assert_eq!(sysmon("noisy", "sysmon:4.81", &[]).1, 0);
    let (printed, status) = sysmon("noisy", "sysmon:4.81", &GOOD);
    assert_eq!((status, printed.matches("error[").count()), (1, 2), "{printed}");
    for named in [
        "a filter logs a known good event: `corpus/sysmon/known/known-good.jsonl:2` as `shells`",
        r"where `Image` is `C:\Windows\System32\cmd.exe`",
        "events[0].filters[0]",
        "noisy.xml:6:9",
        "`NetworkConnect` is logged by default on a known good event: `corpus/sysmon/known/known-good.jsonl:3`",
        "noisy.xml:14:7",
    ] {
        assert!(printed.contains(named), "{named}: {printed}");
    }
    let (printed, status) = sysmon("quiet", "sysmon:4.81", &GOOD);
    assert_eq!(status, 0, "{printed}");
}

#[test]
fn what_sysmon_must_log_is_named_by_rule_place_or_event() {
    let list = "corpus/sysmon/known/expected.list";
    let (printed, status) = sysmon("quiet", "sysmon:4.81", &["--expect", list]);
    assert_eq!(status, 0, "{printed}");
    let folder = tempfile::tempdir().unwrap();
    let events = root().join("corpus/sysmon/known/known-bad.jsonl");
    for (id, rest, found) in [
        ("T1218.011", r#""number": 2"#, "rule `T1218.011` misses what it must match"),
        (
            "events[0].filters[0]",
            r#""matches": 1"#,
            "filter `events[0].filters[0]` misses what it must match",
        ),
        ("ProcessCreate", r#""matches": 2"#, "event `ProcessCreate` misses what it must match"),
        ("T1219", r#""matches": 1"#, "there is no rule, filter or event `T1219`"),
    ] {
        let list = folder.path().join("list");
        let line = format!("{{\"detection\": \"{id}\", \"events\": {events:?}, {rest}}}\n");
        fs::write(&list, line).unwrap();
        let (printed, status) = sysmon("quiet", "sysmon:4.81", &["--expect", list.to_str().unwrap()]);
        assert_eq!((status, printed.matches("error[CG611]").count()), (1, 1), "{id}: {printed}");
        assert!(printed.contains(found), "{found}: {printed}");
    }
}

/// What a schema does not have, nobody can log there; on all that have it, it is.
#[test]
fn known_events_are_run_on_every_schema() {
    let (printed, status) = sysmon("quiet", "sysmon:all", &["--expect", "corpus/sysmon/known/expected.list"]);
    assert_eq!(status, 1, "older schemas read other fields: {printed}");
    assert!(printed.contains("CG302") && printed.contains("CG611"), "{printed}");
}

#[test]
fn two_misses_of_one_detection_are_two() {
    let replay = Replay::new("slash");
    let content = replay.content("C-00000031-00000000-00000002");
    let events = replay.at("known-good.jsonl");
    let line = |matches| {
        format!("{{\"events\": {events:?}, \"detection\": \"page-0001\", \"matches\": {matches}}}\n")
    };
    let list = replay.write("list", &(line(7) + &line(8)));
    let (printed, status) = replay.check(&content, &["--expect", &list]);
    assert_eq!((status, printed.matches("error[CG611]").count()), (1, 2), "{printed}");
}

#[test]
fn an_event_of_which_no_field_is_known_proves_nothing() {
    let replay = Replay::new("slash");
    let content = replay.content("C-00000031-00000000-00000002");
    let good = replay.write("good.jsonl", "{\"type\": \"page\", \"fields\": {\"not_a_field\": \"x\"}}\n");
    let (printed, status) = replay.check(&content, &["--known-good", &good]);
    assert_eq!(status, 3, "{printed}");
}
