//! `build`: every rule becomes a detection or is named with its reason, and what is written suits the sensor.

mod common;

use common::{root, run};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with these rules, and the sensor of the corpus without the operator `suffix`.
fn given(rules: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (sources, sensor) = (folder.path().join("rules"), folder.path().join("sensor.toml"));
    fs::create_dir(&sources).unwrap();
    for (n, (name, detection)) in rules.iter().enumerate() {
        let text = format!(
            "title: {name}\nid: 0d4a8c0e-5a3c-4c5e-9d52-3a0a3d1b6f{n:02}\nauthor: A. Uthor\n\
             logsource: {{product: windows, category: process_creation}}\n\
             detection:\n  selection:\n    {detection}\n  condition: selection\n"
        );
        fs::write(sources.join(format!("{name}.yml")), text).unwrap();
    }
    let contract = fs::read_to_string(root().join("corpus/contracts/windows/sensor.toml")).unwrap();
    fs::write(&sensor, contract.replacen("\"suffix\", ", "", 1)).unwrap();
    (folder, sources, sensor)
}

fn build(sources: &Path, sensor: &Path, output: &Path, more: &[&str]) -> (String, String, i32) {
    let [sources, sensor, output] = [sources, sensor, output].map(|path| path.to_str().unwrap());
    run(&[&["build", sources, "--sensor", sensor, "--output", output], more].concat())
}

#[test]
fn a_rule_that_the_sensor_cannot_take_is_named_and_stops_no_other() {
    let rules = [
        ("good", "CommandLine|contains: whoami"),
        ("misspelt", "Imgae: x"),
        ("suffix", r"Image|endswith: '\whoami.exe'"),
        ("unknown", "Image|endwith: x"),
    ];
    let (folder, sources, sensor) = given(&rules);
    let output = folder.path().join("C-00000291-00000000-00000007.sys");
    let (stdout, stderr, status) = build(&sources, &sensor, &output, &["--strict"]);
    assert_eq!((status, output.exists()), (1, false), "{stdout}{stderr}");
    let (stdout, stderr, status) = build(&sources, &sensor, &output, &[]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(stdout.contains("built    1 detection, 1 instance from 4 rules\nrefused  3 rules"), "{stdout}");
    for (file, why) in
        [("misspelt.yml:7:", "`Imgae`"), ("suffix.yml:7:", "[CG308]"), ("unknown.yml:7:", "endwith")]
    {
        let line = stdout.lines().find(|line| line.contains(file)).unwrap_or_default();
        assert!(line.contains(why), "{file} {why}: {stdout}");
    }
    let (stdout, _, status) = run(&["check", output.to_str().unwrap(), "--sensor", sensor.to_str().unwrap()]);
    assert_eq!(status, 0, "{stdout}");
}

#[test]
fn a_finding_names_the_line_of_the_rule() {
    let (folder, sources, sensor) = given(&[("good", "CommandLine|contains: whoami")]);
    let output = folder.path().join("content");
    assert_eq!(build(&sources, &sensor, &output, &[]).2, 0);
    let contract = fs::read_to_string(&sensor).unwrap().replacen("\"contains\", ", "", 1);
    fs::write(&sensor, contract).unwrap();
    let (stdout, _, status) = run(&["check", output.to_str().unwrap(), "--sensor", sensor.to_str().unwrap()]);
    assert_eq!(status, 1);
    assert!(stdout.contains("good.yml:7:5"), "{stdout}");
    // A map of other content is not believed.
    let mut bytes = fs::read(&output).unwrap();
    bytes.push(0);
    fs::write(&output, bytes).unwrap();
    let (_, stderr, _) = run(&["check", output.to_str().unwrap(), "--sensor", sensor.to_str().unwrap()]);
    assert!(stderr.contains("is of other content, and not used"), "{stderr}");
}

#[test]
fn the_same_rules_give_the_same_bytes() {
    let (folder, sources, sensor) = given(&[("a", "CommandLine|contains: whoami"), ("b", "User: x")]);
    let outputs = ["one", "two"].map(|name| folder.path().join(name));
    let bytes = outputs.each_ref().map(|output| {
        assert_eq!(build(&sources, &sensor, output, &["--revision", "7"]).2, 0);
        fs::read(output).unwrap()
    });
    assert_eq!(bytes[0], bytes[1]);
    let named = folder.path().join("C-00000291-00000000-00000008.sys");
    assert_eq!(build(&sources, &sensor, &named, &["--revision", "7"]).2, 2);
}
