//! Fuzzing what a release changes, as one types it: a consumer that does something wrong is found out with a small file and
//! a command that shows it again, and what is wrong with how it is asked for is told.

mod common;

use common::{contentgate, misbehaving, run, seen};
use serde_json::Value;
use std::fs;
use std::path::Path;

const OLD: &str = "corpus/incidents/channel-file-291/C-00000291-00000000-00000032.sys";
const NEW: &str = "corpus/incidents/channel-file-291/C-00000291-00000000-00000033.sys";
const SENSOR: &str = "corpus/incidents/channel-file-291/sensor-7.11.toml";

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

/// The report on these arguments, and the exit status.
fn report(arguments: &[&str]) -> (Value, i32) {
    let (stdout, stderr, status) = run(&[&["fuzz", "--output", "json"], arguments].concat());
    (serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}")), status)
}

#[test]
fn the_release_of_july_changes_two_records_and_many_of_their_neighbours_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let save = path(&folder, "found");
    let arguments = [NEW, "--baseline", OLD, "-s", SENSOR, "--count", "300", "--save", &save];
    let (one, status) = report(&[&arguments[..], &["--jobs", "1"]].concat());
    // Near to it nothing is found, but the file itself is the one that must not leave.
    assert_eq!((status, &one["refused"]), (1, &serde_json::json!(["CG301"])));
    assert_eq!((&one["verdict"], &one["records"]["changed"]), (&"refused".into(), &2.into()));
    assert!(one["tally"]["refusals"]["CG301"]["neighbours"].as_u64().unwrap() > 50, "{one}");
    // The same number makes the same neighbours, whoever tries them.
    let (other, _) = report(&[&arguments[..], &["--jobs", "3"]].concat());
    assert_eq!(one["tally"], other["tally"]);
    assert!(!Path::new(&save).exists());
    let (timed, status) = report(&[NEW, "-s", SENSOR, "--time", "1s", "--save", &save]);
    assert!(status == 1 && timed["tally"]["neighbours"].as_u64().unwrap() > 0, "{timed}");
    let (stdout, _, status) = run(&[&["fuzz"], &arguments[..]].concat());
    assert_eq!(status, 1);
    assert!(stdout.contains("2 of 6 records changed") && !stdout.contains("FOUND"), "{stdout}");
    assert!(
        stdout.ends_with(&format!("REFUSED  {NEW} itself, by CG301: `contentgate check` shows why\n")),
        "{stdout}"
    );
}

#[test]
fn what_a_consumer_does_wrong_is_kept_as_small_files_and_a_command_that_shows_it() {
    let Some(built) = misbehaving() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (content, save) = (path(&folder, "content.sys"), path(&folder, "it's found"));
    // It does what it does on an event whose first input is `now`.
    let sensor = "corpus/contracts/example.toml";
    printed(&["assemble", "validators/cli/tests/fuzz/now.chn.txt", "--output", &content]);
    for (mode, code) in [("crash", "CG620"), ("exit", "CG620"), ("wrong", "CG623"), ("garbage", "CG624")] {
        let consumer = format!("{} {mode}", built.path.display());
        let options = ["-s", sensor, "--count", "64", "--save", &save, "--consumer", &consumer];
        let (report, status) = report(&[&[content.as_str()], &options[..]].concat());
        assert_eq!((status, &report["verdict"]), (1, &"found".into()), "{mode}: {report}");
        let found = report["found"].as_array().unwrap().iter().find(|one| one["rule"] == code);
        let found = found.unwrap_or_else(|| panic!("{mode}: {report}"));
        assert_eq!(found["repeated"], true, "{mode}: {found}");
        let small = fs::read(found["file"].as_str().unwrap()).unwrap();
        assert!(small.len() <= fs::read(&content).unwrap().len(), "{mode}");
        let words = shell_words::split(found["replay"].as_str().unwrap()).unwrap();
        let replay = contentgate().args(&words[1..]).output().unwrap();
        let (stdout, stderr, status) = seen(replay);
        assert_eq!(status, 1, "{mode}: {stdout}{stderr}");
        // What is kept passes: nothing but the consumer is wrong.
        assert_eq!(run(&["check", found["file"].as_str().unwrap(), "-s", sensor]).2, 0);
    }
}

fn printed(arguments: &[&str]) -> String {
    let (stdout, stderr, status) = run(arguments);
    assert_eq!(status, 0, "{arguments:?}: {stdout}{stderr}");
    stdout
}

#[test]
fn where_nothing_was_run_nothing_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let save = path(&folder, "found");
    let newer = "corpus/incidents/channel-file-291/sensor-7.15.toml";
    for (arguments, said) in [
        (&[OLD, "--baseline", NEW, "-s", SENSOR][..], "changes none of its 4 records"),
        (&[OLD, "-s", SENSOR, "--consumer", "no-such-consumer"], "could not be started"),
        (&[OLD, "-s", SENSOR, "--consumer", "true"], "could not be started"),
        (&["no-such-file", "-s", newer], "no-such-file"),
        (&["README.md", "-s", newer], "contentgate check"),
        (&[OLD, "--baseline", "no-such-file", "-s", newer], "no-such-file"),
        (&[OLD, "-s", "no-such-sensor"], "no-such-sensor"),
    ] {
        let (stdout, stderr, status) =
            run(&[&["fuzz", "--count", "32", "--save", &save], arguments].concat());
        assert_eq!(status, 3, "{arguments:?}: {stdout}{stderr}");
        assert!((stdout.clone() + &stderr).contains(said), "{arguments:?}: {stdout}{stderr}");
    }
    // What no sensor takes is refused itself, which comes first.
    let (stdout, _, status) =
        run(&["fuzz", "--count", "32", "--save", &save, OLD, "-s", "corpus/contracts/example.toml"]);
    assert!(status == 1 && stdout.contains("no neighbour is accepted"), "{stdout}");
    assert!(stdout.contains(&format!("REFUSED  {OLD} itself, by CG202, CG203, CG303")), "{stdout}");
    assert!(!Path::new(&save).exists());
}

#[test]
fn a_consumer_that_can_run_nothing_says_nothing() {
    let Some(built) = misbehaving() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (save, consumer) = (path(&folder, "found"), format!("{} unsupported", built.path.display()));
    let options = ["-s", SENSOR, "--count", "64", "--save", &save, "--consumer", &consumer];
    let (stdout, stderr, status) = run(&[&["fuzz", OLD], &options[..]].concat());
    assert_eq!(status, 3, "{stdout}{stderr}");
    assert!(stdout.contains("CANNOT JUDGE: the consumer answered nothing: cannot run the file"), "{stdout}");
    // What it was kept from is said with every run.
    assert!(stderr.starts_with("consumer misbehaving: "), "{stderr}");
}

#[test]
fn wrong_use_of_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let save = path(&folder, "found");
    for arguments in [
        &[OLD][..],
        &[OLD, "-s", SENSOR, "--count", "0"],
        &[OLD, "-s", SENSOR, "--seed", "x"],
        &[OLD, "-s", SENSOR, "--jobs", "0"],
        &[OLD, "-s", SENSOR, "--time", "1d"],
        &[OLD, "-s", SENSOR, "-s", "corpus/contracts/example.toml", "--consumer", "true"],
        &[OLD, "-s", SENSOR, "--consumer", ""],
        &[OLD, "-s", SENSOR, "--consumer-seconds", "3"],
        &[OLD, "-s", "sysmon:4.81"],
        &["corpus/sysmon/operators.bin", "-s", SENSOR],
        &[OLD, "--baseline", "corpus/sysmon/operators.bin", "-s", SENSOR],
        &[OLD, "-s", SENSOR, "--output", "yaml"],
    ] {
        let (stdout, stderr, status) = run(&[&["fuzz", "--save", &save], arguments].concat());
        assert_eq!(status, 2, "{arguments:?}: {stdout}{stderr}");
    }
}

#[test]
fn what_cannot_be_kept_is_told() {
    let Some(built) = misbehaving() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (content, file) = (path(&folder, "content.sys"), path(&folder, "file"));
    fs::write(&file, "x").unwrap();
    printed(&["assemble", "validators/cli/tests/fuzz/now.chn.txt", "--output", &content]);
    let consumer = format!("{} crash", built.path.display());
    let sensor = "corpus/contracts/example.toml";
    let options = ["--count", "64", "--save", &file, "--consumer", &consumer];
    let (_, stderr, status) = run(&[&["fuzz", &content, "-s", sensor], &options[..]].concat());
    assert_eq!(status, 3, "{stderr}");
    assert!(stderr.contains("cannot keep what is found"), "{stderr}");
}

#[test]
fn rules_of_a_configuration_are_fuzzed() {
    let (report, status) = report(&["corpus/sysmon/operators.xml", "-s", "sysmon:4.81", "--count", "200"]);
    assert_eq!(status, 0, "{report}");
    assert!(report["tally"]["accepted"].as_u64().unwrap() > 5, "{report}");
}
