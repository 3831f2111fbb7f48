//! Sysmon's schema versions as contracts: they are what the manifest says, the facts about them hold, and no manifest
//! does any harm. `BLESS=1` writes the contracts from the manifest.
#![cfg(feature = "sysmon")]

use channel_contract::{sysmon::*, *};
use channel_parser::model::TypeId;
use proptest::prelude::*;
use std::{collections::BTreeSet, fs, path::PathBuf};

/// The manifest, which is no part of the project.
fn manifest(test: &str) -> Option<Vec<u8>> {
    let data = std::env::var_os("CONTENTGATE_DATA").map(PathBuf::from);
    let data = data.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").into());
    let read = fs::read(data.join("sysmon/manifest.xml")).ok();
    if read.is_none() {
        // Past the capture of the test runner: one who runs the tests must see it.
        std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("not run: {test}: there is no sysmon/manifest.xml in the folder of data\n"),
        )
        .unwrap_or(());
    }
    read
}

fn file(version: Version) -> PathBuf {
    format!("{}/sysmon/{version}.toml", env!("CARGO_MANIFEST_DIR")).into()
}

/// A contract as it is committed.
fn committed(contract: &Contract) -> String {
    let version = &contract.sensor.version;
    let source = "facts of the manifest in Sysinternals/SysmonCommon, commit ecdd806 (MIT)";
    format!("# Sysmon's schema version {version}: {source}.\n\n{}", toml::print(contract))
}

fn the(version: &str) -> &'static Contract {
    schema(version).unwrap()
}

fn names(contract: &Contract, id: u32) -> Vec<&str> {
    contract.template(TypeId(id)).unwrap().fields.iter().map(|field| field.name.as_str()).collect()
}

#[test]
fn the_contracts_are_what_the_manifest_says() {
    let Some(manifest) = manifest("whether the contracts are the manifest's") else { return };
    let contracts = import(&manifest, None, Target::All).unwrap();
    let versions: Vec<_> =
        contracts.iter().map(|contract| contract.sysmon.as_ref().unwrap().schema).collect();
    assert_eq!(versions, VERSIONS);
    for (contract, version) in contracts.iter().zip(versions) {
        if std::env::var_os("BLESS").is_some() {
            fs::write(file(version), committed(contract)).unwrap();
        }
        assert!(fs::read_to_string(file(version)).unwrap() == committed(contract), "{version} differs");
        assert_eq!(import(&manifest, Some(version), Target::All).unwrap(), std::slice::from_ref(contract));
    }
    let absent = import(&manifest, Version::new(4, 99), Target::All).unwrap_err();
    assert!(absent.found.starts_with("2.00, 3.10, 3.20"), "{absent}");
}

#[test]
fn every_contract_comes_along_and_is_sound() {
    assert_eq!(schemas().count(), 20);
    for (contract, version) in schemas().zip(VERSIONS) {
        assert_eq!(contract.sysmon.as_ref().unwrap().schema, *version);
        assert_eq!(lint(contract), [], "{version}");
        assert_eq!(fs::read_to_string(file(*version)).unwrap(), committed(contract));
        let section = bytes::write(contract).unwrap();
        assert_eq!(&bytes::read(&section, 0).unwrap(), contract);
        assert_eq!(toml::parse(&toml::print(contract)).unwrap(), *contract);
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sysmon");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 20, "a file that no version names");
}

#[test]
fn the_corpus_shows_the_contracts_of_this_crate() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/contracts/sysmon");
    let loaded = load_folder(corpus).unwrap();
    let found: Vec<_> = loaded.into_iter().map(|(_, contract)| contract.unwrap()).collect();
    assert!(found.iter().eq(schemas()));
}

#[test]
fn the_process_event_grew_from_version_to_version() {
    let found: Vec<_> = schemas()
        .map(|c| (c.sensor.version.as_str(), c.types.iter().find(|t| t.id.0 == 1).unwrap()))
        .collect();
    let counts: Vec<_> =
        found.iter().map(|(version, event)| format!("{version}: {}", event.defined())).collect();
    assert_eq!(
        counts.join(", "),
        "2.00: 17, 3.10: 16, 3.20: 16, 3.30: 16, 3.40: 16, 4.00: 20, 4.10: 21, 4.20: 21, 4.21: 22, 4.22: 22, \
         4.23: 22, 4.30: 22, 4.31: 22, 4.32: 22, 4.40: 22, 4.50: 22, 4.60: 22, 4.70: 22, 4.80: 23, 4.81: 23"
    );
    // The version of the event did not tell.
    let revisions: BTreeSet<_> = found.iter().skip(1).map(|(_, event)| event.revision).collect();
    assert_eq!(revisions.len(), 1);
    // The same index is another field.
    let at = |version, index: usize| names(the(version), 1)[index];
    assert_eq!((at("4.1", 9), at("4.81", 9)), ("CommandLine", "OriginalFileName"));
    assert_eq!((at("4.0", 0), at("4.1", 0)), ("UtcTime", "RuleName"));
}

#[test]
fn no_field_was_inserted_from_4_21_on() {
    let newest = the("4.81");
    let mut gone = BTreeSet::new();
    for old in schemas().filter(|contract| contract.sensor.version.as_str() >= "4.21") {
        for event in &old.types {
            if newest.template(event.id).is_none() {
                gone.insert((event.id.0, event.name.as_str()));
                continue;
            }
            let (old, new) = (names(old, event.id.0), names(newest, event.id.0));
            assert!(new.starts_with(&old), "{old:?} {new:?}");
        }
    }
    // Two events had other ids before they were public.
    let gone: Vec<_> = gone.into_iter().collect();
    assert_eq!(gone, [(61441, "FileDelete"), (61442, "ClipboardChange")]);
}

#[test]
fn events_have_the_names_that_configurations_write() {
    let newest = the("4.81");
    let name = |id: u32| newest.template(TypeId(id)).unwrap().name.as_str();
    assert_eq!([name(1), name(22)], ["ProcessCreate", "DnsQuery"]);
    assert_eq!([name(12), name(13), name(14)], ["RegistryEvent"; 3]);
    assert_ne!(names(newest, 12), names(newest, 13));
    let event = |id: u32| newest.template(TypeId(id)).unwrap().event.map(|event| event.default);
    assert_eq!(
        [event(1), event(3), event(12)],
        [Some(Action::Include), Some(Action::Exclude), Some(Action::Exclude)]
    );
    // No configuration can name what Sysmon reports of itself.
    let unnamed: Vec<_> =
        newest.types.iter().filter(|event| event.event.is_none()).map(|event| event.id.0).collect();
    assert_eq!(unnamed, [4, 16, 255]);
    assert_eq!(the("2.0").template(TypeId(0xf001)).unwrap().name, "SYSMONEVENT_FILE_DELETE");
}

#[test]
fn operators_stand_where_blobs_store_them() {
    let filters = |version| the(version).sysmon.as_ref().unwrap().filters.clone();
    assert_eq!(filters("4.81"), FILTERS);
    assert_eq!(filters("4.60"), FILTERS[..14]);
    assert_eq!(
        filters("4.22"),
        [
            "is",
            "is not",
            "contains",
            "contains any",
            "contains all",
            "excludes",
            "begin with",
            "end with",
            "less than",
            "more than",
            "image"
        ]
    );
    // One manifest by itself, as a sensor prints it, has them in another order.
    let alone = br#"<manifest schemaversion="4.90" binaryversion="17.0"><filters>is,not begin with,end with,newer</filters></manifest>"#;
    let contract = import(alone, None, Target::All).unwrap().remove(0);
    let mut expected: Vec<_> = FILTERS[..15].to_vec();
    expected.push("newer");
    assert_eq!(contract.sysmon.unwrap().filters, expected);
}

#[test]
fn a_difference_of_schemas_says_what_breaks() {
    let lines = |old, new| diff(the(old), the(new)).iter().map(ToString::to_string).collect::<Vec<_>>();
    let inserted = lines("4.1", "4.21");
    for line in [
        "types[1].fields[OriginalFileName] was added",
        "types[1].fields[CommandLine] moved from index 9 to 10; content may break",
        "types[22] was added",
    ] {
        assert!(inserted.iter().any(|found| found == line), "{line} is not in {inserted:#?}");
    }
    assert!(lines("4.50", "4.40").iter().any(|line| line == "types[25] was removed; content may break"));
    assert_eq!(
        lines("4.80", "4.81"),
        [
            "sensor.version changed from \"4.80\" to \"4.81\"",
            "sensor.build_id changed from \"schema 4.80, binary version 16.00\" to \"schema 4.81, binary version 16.00\"",
            "sysmon.schema changed from 4.80 to 4.81"
        ]
    );
    // Fields were appended, so nothing that names one by its place breaks but by the version of the binary form.
    let appended: Vec<_> =
        diff(the("4.70"), the("4.81")).into_iter().filter(|change| change.may_break).collect();
    assert_eq!(
        appended.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "interpreter changed from 15 to 16; content may break",
            "sysmon.binary changed from 15.00 to 16.00; content may break"
        ]
    );
    let moved = lines("4.60", "4.50");
    assert!(moved.iter().all(|line| !line.contains("sysmon.filters")), "{moved:#?}");
    assert!(
        lines("4.60", "4.22")
            .contains(&"sysmon.filters[contains all] moved from index 5 to 4; content may break".to_owned())
    );
}

#[test]
fn targets_choose_events() {
    let xml = r#"<manifest schemaversion="4.9" binaryversion="15">
        <event name="A" value="1" version="1" rulename="A" target="win"/>
        <event name="B" value="0xF002" version="1" rulename="B" ruledefault="include" target="linux"/>
        <event name="C" value="3" version="1" rulename="C" target="linux,win"/>
        <event name="D" value="4" version="1"/>
    </manifest>"#;
    let ids = |bytes: &[u8], target| {
        let contract = import(bytes, None, target).unwrap().remove(0);
        contract.types.iter().map(|event| event.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(xml.as_bytes(), Target::All), [1, 3, 4, 0xf002]);
    assert_eq!(ids(xml.as_bytes(), Target::Windows), [1, 3, 4]);
    assert_eq!(ids(format!("\u{feff}{xml}").as_bytes(), Target::Linux), [3, 4, 0xf002]);
    // Windows PowerShell redirects as UTF-16.
    let wide: Vec<u8> = format!("\u{feff}{xml}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(ids(&wide, Target::All), [1, 3, 4, 0xf002]);
    let wide: Vec<u8> = format!("\u{feff}{xml}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(ids(&wide, Target::All), [1, 3, 4, 0xf002]);
}

const SMALL: &str = r#"<?xml version="1.0"?>
<manifests>
  <manifest schemaversion="4.50" binaryversion="13.0">
    <configuration><filters default="is">is,contains</filters></configuration>
    <events>
      <event name="SYSMONEVENT_PIPE" value="17" version="1" rulename="PipeEvent" ruledefault="exclude" target="all">
        <data name="RuleName" inType="win:UnicodeString" outType="xs:string" />
        <data name="ProcessId" inType="win:UInt32" outType="win:PID" />
      </event>
    </events>
  </manifest>
</manifests>
"#;

#[test]
fn errors_in_a_manifest_say_where() {
    assert_eq!(import(SMALL.as_bytes(), None, Target::All).unwrap().len(), 1);
    let error = |from: &str, to: &str| {
        assert!(SMALL.contains(from), "{from}");
        import(SMALL.replacen(from, to, 1).as_bytes(), None, Target::All).unwrap_err().to_string()
    };
    let whole = &SMALL[SMALL.find("  <manifest ").unwrap()..SMALL.find("</manifests>").unwrap()];
    let event = &SMALL[SMALL.find("<event ").unwrap()..SMALL.find("    </events>").unwrap()];
    let of = |bytes: &[u8]| import(bytes, None, Target::All).unwrap_err().to_string();
    let messages = [
        error(" schemaversion=\"4.50\"", ""),
        error("4.50", "4.500"),
        error("4.50", "0.50"),
        error("13.0", "x\u{1b}[31m"),
        error("13.0", "&unknown;"),
        error("4.50\"", "4.50\" schemaversion=\"4.60\""),
        error("is,contains", "is,is"),
        error("is,contains", "is,,contains"),
        error("is,contains", "is,<b/>"),
        error("is,contains", "is,<![CDATA[contains]]>"),
        error("<events>", "<filters>is</filters><events>"),
        error("\"17\"", "\"seventeen\""),
        error("\"17\"", "\"4294967296\""),
        error("version=\"1\" rulename", "rulename"),
        error("ruledefault=\"exclude\"", "ruledefault=\"maybe\""),
        error("target=\"all\"", "target=\"all,solaris\""),
        error("\"win:UInt32\"", "\"win:Int32\""),
        error("\"RuleName\"", &format!("\"{}\"", "x".repeat(80))),
        error("\"RuleName\"", "\"Rule&#27;Name\""),
        error("<data", "<data <"),
        error("<events>", "<events><data name=\"a\" inType=\"win:GUID\"/>"),
        error(event, &event.repeat(2)),
        error(event, &event.replace("</event>", "<event/></event>")),
        error(whole, &whole.repeat(2)),
        error("<?xml version=\"1.0\"?>", "<!DOCTYPE a [<!ENTITY b \"c\">]>"),
        error("<?xml version=\"1.0\"?>", "System Monitor v15.15"),
        error("</manifests>", ""),
        error("</manifests>", "</other>"),
        error(whole, ""),
        of(b""),
        of(b"\xff\xfe<"),
        of(b"\xef\xbb\xbf<manifests>\xff</manifests>"),
        of(&vec![b' '; MAX_MANIFEST + 1]),
    ];
    assert!(messages.iter().all(|message| !message.chars().any(char::is_control)), "{messages:#?}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/messages/manifest.txt");
    let found = messages.join("\n") + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &found).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), found);
}

#[test]
fn every_truncation_and_changed_byte_is_safe() {
    for end in 0..SMALL.len() {
        let whole = SMALL[end..].trim().is_empty();
        assert_eq!(import(&SMALL.as_bytes()[..end], None, Target::All).is_ok(), whole, "cut at {end}");
        let mut changed = SMALL.as_bytes().to_vec();
        for byte in [0, b'<', b'>', b'"', b'&', b'/', b' ', b'9', 0xff] {
            changed[end] = byte;
            let _ = import(&changed, None, Target::All).map(|contracts| contracts.iter().for_each(check));
        }
    }
}

/// What is taken can be written, and linted.
fn check(contract: &Contract) {
    let _ = lint(contract);
    assert_eq!(&bytes::read(&bytes::write(contract).unwrap(), 0).unwrap(), contract);
    assert_eq!(&toml::parse(&toml::print(contract)).unwrap(), contract);
}

#[test]
fn long_manifests_take_linear_time() {
    let long = |unit: &str| unit.repeat(MAX_MANIFEST / unit.len() - 100);
    let inputs = [
        long("<a>"),
        long("<manifest>"),
        format!("<manifest {}/>", long("a=\"\" ")),
        format!("<manifest {}/>", long("schemaversion=\"4\" ")),
        format!(
            "<manifest schemaversion=\"4\" binaryversion=\"15\"><filters>{}</filters></manifest>",
            long("a,")
        ),
        format!(
            "<manifest schemaversion=\"4\" binaryversion=\"15\">{}</manifest>",
            long("<event value=\"1\" version=\"1\" name=\"\"/>")
        ),
        format!(
            "<manifest schemaversion=\"4\" binaryversion=\"15\"><event value=\"1\" version=\"1\" name=\"\">{}</event></manifest>",
            long("<data name=\"\" inType=\"win:GUID\"/>")
        ),
        long("<!---->"),
        long("&#60;"),
    ];
    let start = std::time::Instant::now();
    for input in &inputs {
        assert!(import(input.as_bytes(), None, Target::All).is_err());
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn versions_are_read_as_sysmon_reads_them() {
    let number = |text: &str| text.parse::<Version>().map(Version::number).ok();
    assert_eq!(number("4.50"), Some(0x0004_0032));
    assert_eq!(number("4.5"), Some(0x0004_0032));
    assert_eq!(number("4.05"), Some(0x0004_0005));
    assert_eq!(number("16"), Some(0x0010_0000));
    for wrong in
        ["", ".", "4.", ".5", "0.1", "4.500", "4.5.0", "+4.5", "4.-5", " 4.5", "65536", "999999", "٤.٥"]
    {
        assert_eq!(number(wrong), None, "{wrong}");
    }
    assert_eq!(Version::from_number(0x0004_0064), None);
    assert_eq!(Version::from_number(0x0000_0001), None);
}

#[test]
fn fleets_have_names() {
    let of = |name: &str| named_fleet(name).map(|fleet| fleet.map(|fleet| fleet.len()).map_err(|e| e.kind));
    assert_eq!(of("sysmon:all"), Some(Ok(20)));
    assert_eq!(of("sysmon:4.2"), Some(Ok(1)));
    assert_eq!(of("sysmon:4.20:win"), Some(Ok(1)));
    assert_eq!(of("sysmon:all:linux"), Some(Ok(20)));
    for unknown in
        ["sysmon:", "sysmon:4.99", "sysmon:all:", "sysmon:all:mac", "sysmon:all:win:linux", "sysmon:\u{1b}"]
    {
        assert_eq!(of(unknown), Some(Err(ErrorKind::NoSuchSensor)), "{unknown:?}");
    }
    for path in ["sysmon", "Sysmon:all", "./sysmon:all", ""] {
        assert_eq!(of(path), None);
    }
}

proptest! {
    #[test]
    fn any_manifest_is_safe(edits in proptest::collection::vec((0..SMALL.len(), 0..40_usize, 0..SMALL.len()), 1..6), noise in ".{0,12}") {
        let mut text = SMALL.to_owned();
        for (at, len, from) in edits {
            let piece: String = SMALL.chars().skip(from).take(len).collect();
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.insert_str(at, if len % 5 == 0 { &noise } else { &piece });
        }
        for contract in import(text.as_bytes(), None, Target::All).unwrap_or_default() {
            check(&contract);
        }
        let _ = text.parse::<Version>();
        let _ = named_fleet(&format!("sysmon:{noise}"));
    }
}
