//! The replay of July 2024 with sensors that are really compiled: what is in `corpus/incidents/channel-file-291` is what
//! a PE image of the sensor says, and the verdicts are those of its README.

mod common;

use channel_contract::testing::{CASES, Unbuilt, compile};
use channel_contract::{binary, toml};
use channel_parser::{channel, text};
use common::{blessed, root, run};
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    root().join("corpus/incidents/channel-file-291")
}

#[test]
fn the_files_are_what_their_texts_make() {
    for revision in [32, 33] {
        let name = format!("C-00000291-00000000-{revision:08}");
        let source = fs::read_to_string(folder().join(format!("{name}.chn.txt"))).unwrap();
        let bytes = text::assemble(&source).unwrap();
        assert!(channel::parse(&bytes).is_ok());
        blessed(&folder().join(format!("{name}.sys")), &bytes);
    }
}

#[test]
fn sensors_as_pe_images_get_the_verdicts_of_the_day() {
    let case = CASES.iter().find(|case| case.name == "PE driver").unwrap();
    let mut built = Vec::new();
    for version in ["7.11", "7.15"] {
        match compile(case, &format!("sensor-{version}.c"), &[]) {
            Ok(sensor) => {
                let contract = binary::read(&sensor.bytes).unwrap();
                blessed(&folder().join(format!("sensor-{version}.toml")), toml::print(&contract).as_bytes());
                built.push(sensor);
            }
            Err(Unbuilt::Absent(tool)) => {
                common::not_run(format_args!(
                    "not run: the sensors are not compiled, for there is no {tool}"
                ));
                return;
            }
            Err(Unbuilt::Failed(output)) => panic!("{output}"),
        }
    }
    let paths: Vec<_> = built.iter().map(|sensor| sensor.path.to_str().unwrap()).collect();
    let [old, new] = paths.as_slice() else { panic!() };
    for (revision, sensors, status) in [
        (32, &[*old][..], 0),
        (32, &[*new], 0),
        (33, &[*old], 1),
        (33, &[*new], 0),
        (33, &[*new, *old], 1),
        (32, &[*old, *new], 0),
    ] {
        let file = folder().join(format!("C-00000291-00000000-{revision:08}.sys"));
        let mut arguments = vec!["check", file.to_str().unwrap()];
        sensors.iter().for_each(|sensor| arguments.extend(["--sensor", sensor]));
        let (stdout, stderr, found) = run(&arguments);
        assert_eq!(found, status, "revision {revision}, {sensors:?}: {stdout}{stderr}");
        assert_eq!(stdout.matches("error[").count(), usize::from(status == 1), "{stdout}");
        if status == 1 {
            assert!(
                stdout.contains("error[CG301]") && stdout.contains("instances[5].criteria[20]"),
                "{stdout}"
            );
            assert!(stdout.contains("supplies 20"), "{stdout}");
        } else if sensors.contains(old) {
            assert!(stdout.contains("note[CG314]") && stdout.contains("field 20 `LogonSession`"), "{stdout}");
        }
    }
    let (stdout, _, status) = run(&["contract", "lint", old]);
    assert_eq!(status, 1);
    assert!(stdout.contains("21") && stdout.contains("20"), "{stdout}");
    assert_eq!(run(&["contract", "lint", new]).2, 0);
    assert_eq!(run(&["contract", "diff", old, new]).2, 1);
}
