//! Files that are made: what is said of each holds, a number makes the same file again, and what is wrong with how they are
//! asked for is told.

mod common;

use common::{root, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const JULY: &str = "corpus/incidents/channel-file-291/C-00000291-00000000-00000032.sys";
const REFUSED: &str = "corpus/incidents/channel-file-291/C-00000291-00000000-00000033.sys";
const SENSOR: &str = "corpus/incidents/channel-file-291/sensor-7.11.toml";
const SENSORS: [&str; 5] = [
    SENSOR,
    "corpus/contracts/example.toml",
    "corpus/contracts/windows/sensor.toml",
    "sysmon:4.21",
    "sysmon:4.81",
];

/// What a run of these arguments prints, which has to go well.
fn printed(arguments: &[&str]) -> String {
    let (stdout, stderr, status) = run(arguments);
    assert_eq!(status, 0, "{arguments:?}: {stdout}{stderr}");
    stdout
}

/// The list that it prints.
fn listed(arguments: &[&str]) -> Vec<Value> {
    let stdout = printed(&[arguments, &["--json"]].concat());
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

/// The judgements on files for a sensor, without execution.
fn judgements(files: &[&str], sensor: &str) -> Vec<Value> {
    let arguments = [&["check", "--sensor", sensor, "--no-execution", "--output", "json"], files].concat();
    let report: Value = serde_json::from_str(&run(&arguments).0).unwrap();
    report["files"].as_array().unwrap_or_else(|| panic!("{report}")).clone()
}

#[test]
fn what_is_made_for_a_sensor_passes_for_it() {
    for sensor in SENSORS {
        let folder = tempfile::tempdir().unwrap();
        let out = path(&folder, "made");
        let made = listed(&["smith", "--sensor", sensor, "--count", "20", "--output", &out]);
        let files: Vec<_> = made.iter().map(|one| one["file"].as_str().unwrap()).collect();
        assert_eq!(files.len(), 20);
        for judgement in judgements(&files, sensor) {
            assert_eq!(judgement["verdict"], "pass", "{judgement}");
        }
    }
}

#[test]
fn what_is_broken_is_found_by_the_rule_that_is_named_and_where_it_is_said() {
    let mut ways = BTreeSet::new();
    for sensor in SENSORS {
        let folder = tempfile::tempdir().unwrap();
        let out = path(&folder, "broken");
        let made = listed(&["smith", "--sensor", sensor, "--broken", "--count", "40", "--output", &out]);
        let files: Vec<_> = made.iter().map(|one| one["file"].as_str().unwrap()).collect();
        for (made, judgement) in made.iter().zip(judgements(&files, sensor)) {
            let (rule, place) = (&made["rule"], made["place"].as_str().unwrap());
            ways.insert(made["way"].as_str().unwrap().to_owned());
            let findings = judgement["findings"].as_array().unwrap();
            let errors: Vec<_> = findings.iter().filter(|one| one["severity"] == "error").collect();
            assert!(errors.iter().all(|one| one["code"] == *rule), "{made} {judgement}");
            let there =
                |one: &&Value| one["code"] == *rule && one["path"].as_str().unwrap().starts_with(place);
            assert!(findings.iter().any(|one| there(&one)), "{made} {judgement}");
            assert!(made["file"].as_str().unwrap().contains(made["way"].as_str().unwrap()));
        }
    }
    assert!(ways.len() > 20, "{ways:?}");
}

#[test]
fn one_way_or_one_rule_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let out = path(&folder, "broken.sys");
    for wanted in ["CG301", "unsupplied-input", "unsupplied_input"] {
        let made = listed(&["smith", "--sensor", SENSOR, "--broken", wanted, "--output", &out]);
        assert_eq!(made[0]["rule"], "CG301");
        assert_eq!(run(&["check", &out, "--sensor", SENSOR]).2, 1);
    }
    let made = listed(&["smith", "--contract", "--broken", "cg371", "--output", &out]);
    assert_eq!(made[0]["rule"], "CG371");
    let list = printed(&["smith", "--list"]);
    assert!(list.contains("unsupplied_input") && list.lines().count() > 30, "{list}");
}

#[test]
fn the_same_number_makes_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let (many, one) = (path(&folder, "many"), path(&folder, "one"));
    for make in [
        &["smith", "--sensor", SENSOR][..],
        &["smith", "--sensor", SENSOR, "--broken"],
        &["smith", "--sensor", "sysmon:4.81"],
        &["smith", "--contract"],
        &["smith", "--contract", "--broken"],
        &["mutate", JULY],
        &["mutate", JULY, "--with", REFUSED],
    ] {
        let several = listed(&[make, &["--seed", "7", "--count", "3", "--output", &many]].concat());
        let digests: BTreeSet<_> = several.iter().map(|one| one["sha256"].to_string()).collect();
        assert_eq!(digests.len(), 3, "{make:?}");
        let again = listed(&[make, &["--seed", "9", "--output", &one]].concat());
        assert_eq!(again[0]["sha256"], several[2]["sha256"], "{make:?}");
    }
}

#[test]
fn sensors_can_be_made_and_content_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let (out, content) = (path(&folder, "sensor.toml"), path(&folder, "content"));
    for seed in 0..20 {
        printed(&["smith", "--contract", "--seed", &seed.to_string(), "--output", &out]);
        let (_, stderr, status) = run(&["smith", "--sensor", &out, "--output", &content]);
        assert!(status == 0 || stderr.contains("can load no content"), "{stderr}");
        if status == 0 {
            assert_eq!(judgements(&[&content], &out)[0]["verdict"], "pass");
        }
    }
}

#[test]
fn what_is_broken_of_a_sensor_is_found_by_lint_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = path(&folder, "broken");
    let made = listed(&["smith", "--contract", "--broken", "--count", "60", "--output", &out]);
    let mut linted = 0;
    for one in &made {
        let file = one["file"].as_str().unwrap();
        let (stdout, stderr, status) = run(&["contract", "lint", file]);
        match one["rule"].as_str().filter(|_| file.ends_with(".toml")) {
            Some(rule) => {
                linted += 1;
                assert_eq!(status, 1, "{one} {stderr}");
                let found = stdout.lines().map(|line| line.split(": ").nth(1).unwrap());
                assert!(found.clone().all(|found| found.starts_with(rule)), "{one} {stdout}");
                assert!(stdout.contains(one["place"].as_str().unwrap()), "{one} {stdout}");
            }
            // What a binary would carry is no contract by itself.
            None => assert!(file.ends_with(".section") && status == 3, "{one} {stdout}{stderr}"),
        }
    }
    assert!(linted > 10, "{linted}");
}

#[test]
fn mutants_get_past_the_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let made = listed(&["mutate", JULY, "--count", "64", "--output", &path(&folder, "mutants")]);
    let files: Vec<_> = made.iter().map(|one| one["file"].as_str().unwrap()).collect();
    let judgements = judgements(&files, SENSOR);
    let finds = |judgement: &Value, code: &str| {
        judgement["findings"].as_array().unwrap().iter().any(|one| one["code"] == code)
    };
    let torn = judgements.iter().filter(|one| finds(one, "CG106")).count();
    assert!(torn < 16, "{torn} of 64 have a wrong checksum");
    assert!(judgements.iter().any(|one| finds(one, "CG301")), "none reads field 21");
    let other = fs::read(root().join(JULY)).unwrap();
    assert!(files.iter().all(|file| fs::read(file).unwrap() != other));
}

#[test]
fn what_is_shrunk_is_still_refused_and_by_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let small = path(&folder, "small.sys");
    let stdout = printed(&["shrink", REFUSED, "--finding", "CG301", "--sensor", SENSOR, "--output", &small]);
    assert!(stdout.contains("2464 bytes -> 8"), "{stdout}");
    let (stdout, _, status) = run(&["check", &small, "--sensor", SENSOR]);
    assert_eq!(status, 1);
    assert!(stdout.contains("error[CG301]") && stdout.matches("error[").count() == 1, "{stdout}");
    assert!(stdout.contains("witness: on event"), "{stdout}");
}

#[cfg(unix)]
#[test]
fn a_command_says_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let small = path(&folder, "small.sys");
    let shrunk = |command: &str, more: &[&str]| {
        printed(&[&["shrink", REFUSED, "--while", command, "--output", &small], more].concat())
    };
    shrunk("grep -q msagent", &[]);
    assert_eq!(fs::read(&small).unwrap(), b"msagent");
    shrunk("sh -c 'exec grep -q msagent {}'", &["--status", "0"]);
    assert_eq!(fs::read(&small).unwrap(), b"msagent");
    let stdout = shrunk("sh -c 'grep -q msagent {} && kill -SEGV $$'", &[]);
    assert!(stdout.contains("the command dies with SIGSEGV"), "{stdout}");
    assert_eq!(fs::read(&small).unwrap(), b"msagent");
    let stdout = shrunk("sh -c 'sleep 100'", &["--command-seconds", "1", "--tries", "1"]);
    assert!(stdout.contains("does not end in its time") && stdout.contains("tries were all"), "{stdout}");
}

#[test]
fn what_cannot_be_shrunk_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let small = path(&folder, "small.sys");
    for (what, status, said) in [
        (&["--finding", "CG301", "--sensor", SENSOR][..], 2, "no rule does"),
        (&["--finding", "CG999"], 2, "no rule `CG999`"),
        (&["--finding", "CG301", "--sensor", "no-such-sensor"], 3, "no-such-sensor"),
        (&["--finding", "CG301", "--while", "true"], 2, "cannot be used with"),
        (&[], 2, "--while"),
        (&["--while", ""], 2, "names no program"),
        (&["--while", "no-such-program-here"], 3, "could not be run"),
        (&["--while", "true", "--time", "0s"], 2, "above 0"),
        (&["--while", "true", "--tries", "0"], 2, "0 is not in"),
    ] {
        let (_, stderr, found) = run(&[&["shrink", JULY, "--output", &small], what].concat());
        assert_eq!(found, status, "{what:?}: {stderr}");
        assert!(stderr.contains(said), "{what:?}: {stderr}");
    }
    assert!(!Path::new(&small).exists());
    assert_eq!(run(&["shrink", "no-such-file", "--finding", "CG301", "--output", &small]).2, 3);
    assert_eq!(run(&["shrink", REFUSED, "--finding", "CG301", "-s", SENSOR, "--output", REFUSED]).2, 2);
}

#[test]
fn what_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (out, file) = (path(&folder, "out"), path(&folder, "file"));
    fs::write(&file, "x").unwrap();
    let below = format!("{file}/below");
    for (arguments, status) in [
        (&["smith", "--sensor", SENSOR, "--seed", "-1", "--output", &out][..], 2),
        (&["smith", "--sensor", SENSOR, "--seed", "18446744073709551616", "--output", &out], 2),
        (
            &[
                "smith",
                "--sensor",
                SENSOR,
                "--seed",
                "18446744073709551615",
                "--count",
                "2",
                "--output",
                &out,
            ],
            2,
        ),
        (&["smith", "--sensor", SENSOR, "--count", "0", "--output", &out], 2),
        (&["smith", "--sensor", SENSOR, "--broken", "no-such-way", "--output", &out], 2),
        (&["smith", "--sensor", SENSOR, "--broken", "CG601", "--output", &out], 2),
        (&["smith", "--sensor", SENSOR, "--density", "101", "--output", &out], 2),
        (&["smith", "--sensor", SENSOR], 2),
        (&["smith", "--output", &out], 2),
        (&["smith", "--contract", "--broken", "CG301", "--output", &out], 2),
        (&["smith", "--contract", "--sensor", SENSOR, "--output", &out], 2),
        (&["smith", "--sensor", "no-such-sensor", "--output", &out], 3),
        (&["smith", "--sensor", SENSOR, "--count", "2", "--output", &file], 2),
        (&["smith", "--sensor", SENSOR, "--count", "2", "--output", &below], 3),
        (&["mutate", "no-such-file", "--output", &out], 3),
        (&["mutate", JULY, "--output", JULY], 2),
        (&["mutate", JULY, "--with", "README.md", "--output", &out], 3),
        (&["mutate", JULY, "--output", &below], 3),
    ] {
        let (stdout, stderr, found) = run(arguments);
        assert_eq!((found, stdout.as_str()), (status, ""), "{arguments:?}: {stderr}");
        assert!(!stderr.is_empty() && !stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
    assert!(!Path::new(&out).exists());
    assert_eq!(fs::read(&file).unwrap(), b"x");
}
