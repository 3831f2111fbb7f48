//! The example sensors, really compiled: every kind of binary gives its contract back, and a call site that supplies
//! another number of inputs than its type defines does not compile.
#![cfg(all(feature = "testing", feature = "binary", feature = "toml"))]

use channel_contract::{testing::*, *};
use std::process::Command;

/// Runs the test with the binary, or says that it did not run.
fn with(case: &Case, source: &str, flags: &[&str], test: impl FnOnce(Built)) {
    match compile(case, source, flags) {
        Ok(built) => test(built),
        Err(Unbuilt::Absent(tool)) => std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("not run: {source} as {}: there is no {tool}\n", case.name),
        )
        .unwrap_or(()),
        Err(Unbuilt::Failed(output)) => panic!("{output}"),
    }
}

fn expected(name: &str) -> Contract {
    let path = format!("{}/tests/contracts/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    toml::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn every_kind_carries_the_whole_contract(source: &str) {
    let expected = expected(source);
    for case in CASES {
        with(case, &format!("{source}.c"), &[], |built| {
            let found = binary::read(&built.bytes).unwrap_or_else(|e| panic!("{}: {e}", case.name));
            assert_eq!(found, expected, "{source} as {}", case.name);
            assert_eq!(load(&built.path).unwrap(), expected);
        });
    }
}

#[test]
fn every_kind_of_binary_carries_the_contract_of_the_old_sensor() {
    every_kind_carries_the_whole_contract("sensor-7.11");
}

#[test]
fn every_kind_of_binary_carries_the_contract_of_the_new_sensor() {
    every_kind_carries_the_whole_contract("sensor-7.15");
}

/// Each unit brings its record; without one of them the contract would be short, and so is refused.
#[test]
fn records_come_from_several_translation_units() {
    let second = sensors().join("process.c").display().to_string();
    let one_step =
        |case: &&Case| matches!(case.steps, [step, ..] if !step.contains(" -c ") && !step.contains("c++"));
    for case in CASES.iter().filter(one_step) {
        with(case, "sensor-8.0.c", &[&second], |built| {
            let found = binary::read(&built.bytes).unwrap_or_else(|e| panic!("{}: {e}", case.name));
            assert_eq!(found, expected("sensor-8.0"), "{}", case.name);
        });
    }
    with(&CASES[0], "sensor-8.0.c", &[], |built| {
        let error = binary::read(&built.bytes).unwrap_err();
        assert_eq!((error.kind, error.path.as_str()), (ErrorKind::Record, "types"));
        assert_eq!(error.expected, "2 template types, as the sensor record states");
        assert_eq!(error.found, "1 of them");
    });
}

#[test]
fn the_old_sensor_shows_its_gap_and_the_new_one_has_none() {
    let of = |name| expected(name).types.iter().map(|t| (t.defined(), t.supplied)).collect::<Vec<_>>();
    assert_eq!(of("sensor-7.11"), [(21, 20)]);
    assert_eq!(of("sensor-7.15"), [(21, 21)]);
}

/// One case for every compiler and format.
fn one_of_each() -> impl Iterator<Item = &'static Case> {
    let names = [
        "ELF executable",
        "ELF executable, C11",
        "ELF executable, C++",
        "ELF executable, clang, C++",
        "PE DLL",
        "PE DLL, lld-link",
        "Mach-O arm64 dylib",
        "Mach-O fat dylib",
    ];
    names.into_iter().map(|name| CASES.iter().find(|case| case.name == name).unwrap())
}

#[test]
fn another_number_of_inputs_does_not_compile() {
    for case in one_of_each() {
        for (flag, compiles) in [("-DINPUTS=20", false), ("-DINPUTS=21", true), ("-DINPUTS=22", false)] {
            match compile(case, "mismatch.c", &[flag]) {
                Ok(_) => assert!(compiles, "{flag} compiled as {}", case.name),
                Err(Unbuilt::Absent(tool)) => std::io::Write::write_fmt(
                    &mut std::io::stderr(),
                    format_args!("not run: {flag} as {}: no {tool}\n", case.name),
                )
                .unwrap_or(()),
                Err(Unbuilt::Failed(output)) => {
                    assert!(!compiles, "{output}");
                    assert!(output.contains("IPC_supplies_another_number_than_it_defines"), "{output}");
                }
            }
        }
    }
}

#[test]
fn what_no_compiler_sealed_is_sealed_afterwards() {
    for case in one_of_each() {
        with(case, "sensor-7.11.c", &["-DCONTENTGATE_UNSEALED"], |built| {
            let unsealed = binary::read(&built.bytes).unwrap();
            assert_eq!(unsealed, Contract { sealed: false, ..expected("sensor-7.11") });
            let sealed = binary::seal(&built.bytes).unwrap();
            assert_eq!(sealed.len(), built.bytes.len());
            assert_eq!(binary::read(&sealed).unwrap(), expected("sensor-7.11"), "{}", case.name);
            assert_eq!(binary::seal(&sealed).unwrap(), sealed);
        });
    }
}

/// GNU ld for PE cannot be told to keep a section. The loss is an error, never a contract with fewer types.
#[test]
fn what_a_linker_drops_is_missed() {
    const STEPS: &[&str] = &[
        "x86_64-w64-mingw32-gcc -std=c99 {c} -O2 -DEXECUTABLE -fdata-sections -Wl,--gc-sections {src} -o {out}",
    ];
    for source in ["sensor-7.11", "sensor-7.15"] {
        with(&Case { name: "PE, gc-sections", steps: STEPS }, &format!("{source}.c"), &[], |built| {
            match binary::read(&built.bytes) {
                Ok(contract) => assert_eq!(contract, expected(source)),
                Err(e) => assert!(matches!(e.kind, ErrorKind::NoSection | ErrorKind::Record), "{e}"),
            }
        });
    }
}

/// The three writers of the byte form agree: the preprocessor, Rust's compiler and this crate.
#[test]
fn every_producer_writes_the_same_bytes() {
    let expected = expected("sensor-7.15");
    let section = bytes::write(&expected).unwrap();
    let (sensor, template) = section.split_at(416);
    let holds = |binary: &[u8], record: &[u8]| binary.windows(record.len()).any(|window| window == record);

    with(&CASES[0], "sensor-7.15.c", &[], |built| {
        assert!(holds(&built.bytes, sensor) && holds(&built.bytes, template), "the C header differs");
    });
    for profile in [&[][..], &["lto=\"fat\"", "strip=true", "codegen-units=1"]] {
        let rust = rust_example(profile);
        assert_eq!(binary::read(&rust).unwrap(), expected, "{profile:?}");
        assert!(holds(&rust, sensor) && holds(&rust, template), "the Rust macros differ");
    }
}

/// The example of `channel-embed`, built with these settings of the release profile.
fn rust_example(profile: &[&str]) -> Vec<u8> {
    let target = tempfile::tempdir().unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/embed/Cargo.toml");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "build",
        "--quiet",
        "--offline",
        "--release",
        "--example",
        "sensor",
        "--manifest-path",
        manifest,
    ]);
    for setting in profile {
        cargo.args(["--config", &format!("profile.release.{setting}")]);
    }
    let output = cargo.arg("--target-dir").arg(target.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(target.path().join("release/examples/sensor")).unwrap()
}
