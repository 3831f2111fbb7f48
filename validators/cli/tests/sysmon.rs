//! Sysmon on the command line: configurations become the blobs that Microsoft's compiler made, blobs and texts become
//! each other, and the schemas that come along judge them.

mod common;

use channel_contract::{sysmon, toml};
use common::{root, run};
use std::fs;
use std::path::PathBuf;

/// The data of others, if it is at hand.
fn data(file: &str) -> Option<Vec<u8>> {
    let folder =
        std::env::var_os("CONTENTGATE_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let bytes = fs::read(folder.join("sysmon").join(file)).ok();
    if bytes.is_none() {
        common::not_run(format_args!("not run: there is no sysmon/{file} in {}", folder.display()));
    }
    bytes
}

#[test]
fn every_public_configuration_becomes_the_blob_that_it_was_compiled_to() {
    let Some(archive) = data("rule-blobs.tar.gz") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive.as_slice()));
    archive.unpack(folder.path()).unwrap();
    let mut pairs = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let blob = entry.unwrap().path();
        if blob.extension().is_none_or(|extension| extension != "bin") {
            continue;
        }
        let (xml, made, text) =
            (blob.with_extension(""), folder.path().join("made"), folder.path().join("text"));
        let paths = [&xml, &made, &text, &blob].map(|path| path.to_str().unwrap().to_owned());
        let [xml, made, text, given] = paths.each_ref().map(String::as_str);
        assert_eq!(run(&["text", given, "-o", text]).2, 0, "{given}");
        assert_eq!(run(&["assemble", text, "-o", made]).2, 0, "{given}");
        assert_eq!(fs::read(made).unwrap(), fs::read(given).unwrap(), "{given}");
        let (stdout, stderr, status) = run(&["build", xml, "-o", made]);
        assert_eq!(status, 0, "{xml}: {stdout}{stderr}");
        let (made, given) = (fs::read(made).unwrap(), fs::read(given).unwrap());
        // The first four bytes are the version of the compiler.
        assert_eq!(made[4..], given[4..], "{xml}");
        pairs += 1;
    }
    assert!(pairs > 100, "only {pairs} pairs");
}

#[test]
fn a_manifest_becomes_the_contracts_that_come_along() {
    let Some(manifest) = data("manifest.xml") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("manifest.xml");
    fs::write(&path, manifest).unwrap();
    let (path, out) = (path.to_str().unwrap(), folder.path().join("out"));
    assert_eq!(run(&["contract", "import", path, "-o", out.to_str().unwrap()]).2, 0);
    for contract in sysmon::schemas() {
        let version = &contract.sensor.version;
        let made = fs::read_to_string(out.join(format!("{version}.toml"))).unwrap();
        assert_eq!(made, toml::print(contract), "{version}");
        let (printed, _, status) = run(&["contract", "import", path, "--schema", version]);
        assert_eq!((printed, status), (made, 0));
    }
    assert_eq!(run(&["contract", "import", path]).2, 2);
    assert_eq!(run(&["contract", "import", path, "--schema", "x"]).2, 2);
}

#[test]
fn our_configurations_compile_and_are_shown_and_read_back() {
    let mut configurations = 0;
    for entry in fs::read_dir(root().join("corpus/sysmon")).unwrap() {
        let xml = entry.unwrap().path();
        if xml.extension().is_none_or(|extension| extension != "xml") {
            continue;
        }
        configurations += 1;
        let (stdout, stderr, status) = run(&["check", xml.to_str().unwrap(), "--sensor", "sysmon:4.81"]);
        assert!(status <= 1, "{stdout}{stderr}");
        assert!(!stderr.contains("panicked"));
        if status == 1 {
            assert!(stdout.contains("written by: ") && stdout.contains(".xml:"), "no line: {stdout}");
        }
    }
    assert!(configurations > 5);
    for entry in fs::read_dir(root().join("corpus/sysmon/refused")).unwrap() {
        let xml = entry.unwrap().path();
        if xml.extension().is_some_and(|extension| extension == "xml") {
            let (stdout, stderr, status) = run(&["check", xml.to_str().unwrap(), "--sensor", "sysmon:4.81"]);
            assert_eq!(status, 1, "{}: {stdout}{stderr}", xml.display());
            assert!(stdout.contains(".xml:") || stdout.contains("error[CG101]"), "no line: {stdout}{stderr}");
        }
    }
    assert_eq!(run(&["check", "README.md", "--sensor", "sysmon:5"]).2, 2);
}

#[test]
fn a_configuration_is_not_held_to_the_version_of_its_compiler_and_a_blob_is() {
    let folder = tempfile::tempdir().unwrap();
    let [xml, blob] = ["config.xml", "rules.bin"].map(|name| folder.path().join(name).display().to_string());
    let config = "<Sysmon schemaversion=\"4.30\"><EventFiltering><ProcessCreate onmatch=\"include\">\
                  <Image condition=\"end with\">\\whoami.exe</Image></ProcessCreate></EventFiltering></Sysmon>";
    fs::write(&xml, config).unwrap();
    assert_eq!(run(&["build", &xml, "-o", &blob]).2, 0);
    for (sensor, of_xml, of_blob) in [("sysmon:4.81", 0, 0), ("sysmon:4.50", 0, 1), ("sysmon:4.32", 0, 1)] {
        assert_eq!(run(&["check", &xml, "--sensor", sensor]).2, of_xml, "{sensor}");
        let (stdout, _, status) = run(&["check", &blob, "--sensor", sensor]);
        assert_eq!(status, of_blob, "{sensor}: {stdout}");
        assert_eq!(stdout.contains("CG316"), of_blob == 1, "{sensor}: {stdout}");
    }
    // Where Image stands today, 3.40 has another field: in bounds, and wrong.
    let (stdout, _, status) = run(&["check", &xml, "--sensor", "sysmon:3.40"]);
    assert_eq!(status, 1, "{stdout}");
    assert!(stdout.contains("config.xml:1:"), "{stdout}");
}
