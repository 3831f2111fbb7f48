//! Public rules on public logs, as a user runs them: the rules that were written for these logs match them, as often as
//! their authors say, and no event is left unread.

mod common;

use common::{root, run};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const SENSOR: &str = "corpus/contracts/windows/sensor.toml";

/// Where as many events match as a rule says and not as many as its authors say, how many do, and why.
const EXCEPTIONS: &[(&str, usize, &str)] = &[
    ("d2b7a134-9c3e-4f8a-b56d-e0c1f8a29b47", 0, "compares two fields of one event, which no criterion can"),
    ("e3c6d245-7b8f-4e2a-c17f-a9d0e5b38f62", 0, "compares two fields of one event, which no criterion can"),
    ("0b9ad457-2554-44c1-82c2-d56a99c42377", 3, "two files of AnyDesk, one of them twice; counted once"),
    ("45e112d0-7759-4c2a-aa36-9f8fb79d3393", 3, "a key for each of three protocols; counted once"),
    ("8fbf3271-1ef6-4e94-8210-03c2317947f6", 3, "three programs of one download; counted once"),
    (
        "c7dcacd0-cc59-4004-b0a4-1d6cdebe6f3e",
        2,
        "the value for servers and that for workstations; counted once",
    ),
];

/// The data of others, if it is at hand.
fn data(file: &str, test: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("CONTENTGATE_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let path = folder.join(file);
    if path.exists() {
        return Some(path);
    }
    common::not_run(format_args!("{test} did not run: there is no {}", path.display()));
    None
}

fn unpack(archive: &Path, into: &Path) {
    tar::Archive::new(GzDecoder::new(fs::File::open(archive).unwrap())).unpack(into).unwrap();
}

/// All public Windows rules as content for the shipped contract, in a folder.
fn public_rules(folder: &Path, test: &str) -> Option<String> {
    unpack(&data("sigma/sigma-windows-rules.tar.gz", test)?, folder);
    let content = folder.join("content.sys").to_str().unwrap().to_owned();
    let rules = folder.join("sigma");
    let (stdout, stderr, status) = run(&[
        "build",
        rules.to_str().unwrap(),
        "-s",
        SENSOR,
        "-o",
        &content,
        "--part",
        "0",
        "--revision",
        "1",
    ]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    Some(content)
}

/// Runs content on events: every line of the report, and the totals.
fn report(content: &str, events: &Path) -> (Vec<Value>, Value) {
    let (stdout, stderr, status) =
        run(&["run", content, "-s", SENSOR, "-e", events.to_str().unwrap(), "-o", "json"]);
    assert_eq!(
        status,
        0,
        "{stderr}{}",
        stdout.lines().filter(|line| line.contains("unread")).collect::<String>()
    );
    let mut lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let totals = lines.pop().unwrap()["totals"].clone();
    assert_eq!((&totals["unread"], &totals["faults"]), (&0.into(), &0.into()));
    (lines, totals)
}

/// A log that a rule must match, and how often if that is said.
struct Expected {
    rule: String,
    log: PathBuf,
    times: Option<usize>,
}

/// From the files that describe the logs, YAML of one shape: a list of tests, each with a path and perhaps a count.
fn expected(folder: &Path, all: &mut Vec<Expected>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            expected(&path, all);
        } else if path.ends_with("info.yml") {
            let (text, mut times) = (fs::read_to_string(&path).unwrap(), None);
            for line in text.lines().map(str::trim) {
                if let Some(count) = line.strip_prefix("match_count:") {
                    times = count.trim().parse().ok();
                } else if let Some(log) = line.strip_prefix("path:").filter(|log| log.ends_with(".evtx")) {
                    let log = path.with_file_name(Path::new(log.trim()).file_name().unwrap());
                    let rule = log.file_stem().unwrap().to_str().unwrap().to_owned();
                    all.push(Expected { rule, log, times: times.take() });
                }
            }
        }
    }
}

#[test]
fn every_expected_match_in_the_logs_of_the_rules_is_found() {
    let test = "every_expected_match_in_the_logs_of_the_rules_is_found";
    let folder = tempfile::tempdir().unwrap();
    let Some(content) = public_rules(folder.path(), test) else { return };
    let Some(archive) = data("sigma/sigma-regression-data.tar.gz", test) else { return };
    unpack(&archive, folder.path());
    let logs = folder.path().join("regression_data");
    let (lines, totals) = report(&content, &logs);
    let mut found: BTreeMap<(PathBuf, String), usize> = BTreeMap::new();
    for line in &lines {
        for detection in line["matches"].as_array().into_iter().flatten() {
            let of =
                (PathBuf::from(line["file"].as_str().unwrap()), detection["id"].as_str().unwrap().to_owned());
            *found.entry(of).or_default() += 1;
        }
    }
    let mut all = Vec::new();
    expected(&logs, &mut all);
    let (mut wrong, mut exact) = (Vec::new(), 0);
    for Expected { rule, log, times } in all.iter() {
        let found = found.get(&(log.clone(), rule.clone())).copied().unwrap_or(0);
        exact += usize::from(times.is_some());
        let times =
            EXCEPTIONS.iter().find(|(exception, ..)| exception == rule).map_or(*times, |(_, n, _)| Some(*n));
        if !times.map_or(found > 0, |times| found == times) {
            wrong.push(format!("{rule}: {found} matches, expected {times:?}, in {}", log.display()));
        }
    }
    println!("{} logs, {} events, {exact} exact counts", all.len(), totals["events"]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all.len() > 200 && exact > 150, "{} and {exact}", all.len());
}

#[test]
fn recorded_events_are_read_to_the_last_and_matched_alike_by_each_form() {
    let test = "recorded_events_are_read_to_the_last_and_matched_alike_by_each_form";
    let folder = tempfile::tempdir().unwrap();
    let Some(content) = public_rules(folder.path(), test) else { return };
    for (set, events) in
        [("benign-dfir-museum", 1550), ("benign-evtx-rs-sample", 357), ("malicious-sigma-regression", 229)]
    {
        let Some(path) = data(&format!("events/{set}.jsonl.gz"), test) else { return };
        let (_, totals) = report(&content, &path);
        println!(
            "{set}: {} of {events} events match, by {} detections",
            totals["matched"],
            totals["detections"].as_array().unwrap().len()
        );
        assert_eq!(totals["events"], events);
    }
}

/// Logs that are damaged in their records, their strings and their templates are read as far as that goes.
#[test]
fn damaged_logs_are_no_panic_and_name_what_could_not_be_read() {
    let test = "damaged_logs_are_no_panic_and_name_what_could_not_be_read";
    let Some(archive) = data("sigma/sigma-regression-data.tar.gz", test) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (logs, damaged) = (folder.path().join("logs"), folder.path().join("damaged"));
    fs::create_dir(&damaged).unwrap();
    unpack(&archive, &logs);
    let text = folder.path().join("content.chn.txt");
    fs::write(&text, "channel-file 1\nchannel 291 part 0 revision 1\n").unwrap();
    let content = folder.path().join("content.sys").to_str().unwrap().to_owned();
    assert_eq!(run(&["assemble", text.to_str().unwrap(), "-o", &content]).2, 0);
    let mut all = Vec::new();
    expected(&logs, &mut all);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for (number, Expected { log, .. }) in all.iter().enumerate() {
        let whole = fs::read(log).unwrap();
        for round in 0..8 {
            let mut bytes = whole[..4096 + 65_536].to_vec();
            for _ in 0..=random(6) {
                // Where the first records, their strings and their template are.
                let at = 4096 + 512 + random(if round % 2 == 0 { 1500 } else { 8000 });
                bytes[at] =
                    [0, 0xff, bytes[at] ^ 1 << random(8), u8::try_from(random(256)).unwrap()][random(4)];
            }
            fs::write(damaged.join(format!("{number}-{round}.evtx")), bytes).unwrap();
        }
    }
    let (stdout, stderr, status) =
        run(&["run", &content, "-s", SENSOR, "-e", damaged.to_str().unwrap(), "-o", "json"]);
    assert_eq!((status, stderr.as_str()), (3, ""));
    let totals: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    let of = |name: &str| totals["totals"][name].as_u64().unwrap();
    println!("{} logs damaged: {} events, {} unread", all.len() * 8, of("events"), of("unread"));
    assert!(of("events") > 100 && of("unread") > 100);
}
