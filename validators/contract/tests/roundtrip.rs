//! Every contract that can be written comes back from both forms, and what is damaged is refused.
#![cfg(feature = "toml")]

use channel_contract::*;
use channel_parser::model::{InputType, TypeId};
use channel_smith::strategy::any_contract;
use proptest::prelude::*;

proptest! {
    #[test]
    fn bytes_are_a_bijection(contract in any_contract()) {
        let section = bytes::write(&contract).unwrap();
        prop_assert_eq!(&bytes::read(&section, 0).unwrap(), &contract);
        prop_assert_eq!(bytes::write(&bytes::read(&section, 0).unwrap()).unwrap(), section);
    }

    #[test]
    fn toml_is_a_bijection(contract in any_contract()) {
        let text = toml::print(&contract);
        let parsed = toml::parse(&text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        prop_assert_eq!(&parsed, &contract);
        prop_assert_eq!(toml::print(&parsed), text);
    }

    #[test]
    fn padding_and_order_of_records_do_not_matter(contract in any_contract(), pad in 0_usize..40) {
        let section = bytes::write(&contract).unwrap();
        let mut records = Vec::new();
        let mut rest = section.as_slice();
        while !rest.is_empty() {
            let length = u32::from_le_bytes(rest[12..16].try_into().unwrap()) as usize;
            let (record, after) = rest.split_at(length);
            records.push(record);
            rest = after;
        }
        let mut padded = vec![0; pad];
        for record in records.iter().rev() {
            padded.extend_from_slice(record);
            padded.extend(vec![0; pad]);
        }
        prop_assert_eq!(bytes::read(&padded, 0).unwrap(), contract);
    }

    #[test]
    fn any_bytes_and_any_text_are_safe(bytes in proptest::collection::vec(any::<u8>(), 0..600), text in ".{0,200}") {
        let _ = bytes::read(&bytes, u64::MAX - 3);
        let _ = toml::parse(&text);
    }

    #[test]
    fn seal_repairs_an_unsealed_contract(contract in any_contract()) {
        let unsealed = bytes::write(&Contract { sealed: false, ..contract.clone() }).unwrap();
        let sealed = bytes::seal(&unsealed, 0).unwrap();
        prop_assert_eq!(sealed, bytes::write(&Contract { sealed: true, ..contract }).unwrap());
    }
}

fn sample() -> Contract {
    let field =
        |name: &str| Field { name: name.into(), input: InputType::Text, nullable: true, max_bytes: 9 };
    let template = |id: u32| TemplateType {
        id: TypeId(id),
        name: format!("type-{id}"),
        fields: vec![field("One"), field("Two")],
        supplied: 1,
        ..TemplateType::default()
    };
    Contract { types: vec![template(7), template(9)], operators: OperatorSet::all(), ..Contract::default() }
}

#[test]
fn every_change_of_one_byte_is_refused() {
    let section = bytes::write(&sample()).unwrap();
    for at in 0..section.len() {
        for change in 1..=255 {
            let mut changed = section.clone();
            changed[at] ^= change;
            assert!(bytes::read(&changed, 0).is_err(), "byte {at} changed by {change:#x} was taken");
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    let section = bytes::write(&sample()).unwrap();
    for end in 0..section.len() {
        assert!(bytes::read(&section[..end], 0).is_err(), "cut at {end}");
    }
}

#[test]
fn every_zeroed_tail_is_refused() {
    let section = bytes::write(&sample()).unwrap();
    for end in 0..section.len() {
        let mut torn = section.clone();
        torn[end..].fill(0);
        // The last bytes of a record may be zeros in truth.
        assert!(torn == section || bytes::read(&torn, 0).is_err(), "zeros from {end}");
    }
}

/// Without a checksum a change can go unseen, but never past the reader's own rules.
#[test]
fn a_changed_unsealed_record_is_refused_or_is_a_contract() {
    let section = bytes::write(&Contract { sealed: false, ..sample() }).unwrap();
    for at in 0..section.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = section.clone();
            changed[at] ^= change;
            if let Ok(contract) = bytes::read(&changed, 0) {
                assert!(!contract.sealed);
                let canonical = bytes::write(&contract).unwrap();
                assert_eq!(bytes::read(&canonical, 0).unwrap(), contract);
            }
        }
    }
}

#[test]
fn damage_is_named_with_its_place() {
    let section = bytes::write(&Contract { sealed: false, ..sample() }).unwrap();
    let error = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = section.clone();
        change(&mut changed);
        bytes::read(&changed, 0x1000).unwrap_err().to_string()
    };
    agree_with_the_file(
        "bytes.txt",
        &[
            error(&|b| b[0] = 1),
            error(&|b| b[8] = 2),
            error(&|b| b[10] = 4),
            error(&|b| b[11] = 1),
            error(&|b| b[12..16].fill(0xff)),
            error(&|b| b[24] = 0xff),
            error(&|b| b[24] = 0x1b),
            error(&|b| b[103] = b'x'),
            error(&|b| b[348] = 3),
            error(&|b| b[359] = 1),
            error(&|b| b[404] = 65),
            error(&|b| b[415] = 1),
            error(&|b| b[416 + 120] = 3),
            error(&|b| b[416 + 123] = 1),
            error(&|b| b[416 + 128 + 80] = 1),
            error(&|b| b[416 + 128 + 81] = 2),
            error(&|b| b[416 + 128 + 82] = 2),
            error(&|b| b[416 + 304 + 104] = 7),
            error(&|b| b.drain(..416).fold((), |(), _| ())),
            error(&|b| b.extend_from_within(..416)),
            error(&|b| b.fill(0)),
            error(&|b| b.clear()),
        ],
    );
}

/// A Sysmon contract with one event, unsealed, and where the record of its facts starts.
fn sysmon() -> (Vec<u8>, usize) {
    let version = sysmon::Version::new(4, 50).unwrap();
    let filters = vec!["is".into(), "image".into()];
    let mut contract = Contract { sealed: false, ..sample() };
    contract.sysmon = Some(sysmon::Sysmon { schema: version, binary: version, filters });
    let event = sysmon::Event { default: sysmon::Action::Exclude, target: sysmon::Target::Linux };
    contract.types[0].event = Some(event);
    contract.types[1].event = Some(event);
    let section = bytes::write(&contract).unwrap();
    assert_eq!(bytes::read(&section, 0).unwrap(), contract);
    let len = 40 + 2 * 80 + 2 * 8;
    let at = section.len() - len;
    assert_eq!(section[at + 10], 3);
    (section, at)
}

#[test]
fn damage_to_the_facts_of_sysmon_is_named_with_its_place() {
    let (section, at) = sysmon();
    let error = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = section.clone();
        change(&mut changed);
        bytes::read(&changed, 0x1000).unwrap_err().to_string()
    };
    let events = at + 40 + 160;
    let found = [
        error(&|b| b[at + 24] = 100),
        error(&|b| b[at + 30] = 0),
        error(&|b| b[at + 32] = 3),
        error(&|b| b[at + 34] = 3),
        error(&|b| b[at + 39] = 3),
        error(&|b| b[at + 40] = 0xff),
        error(&|b| b[events] = 9),
        error(&|b| b[events] = 6),
        error(&|b| b[events + 4] = 2),
        error(&|b| b[events + 5] = 3),
        error(&|b| b[events + 6] = 1),
        error(&|b| b.extend_from_within(at..)),
    ];
    agree_with_the_file("sysmon-bytes.txt", &found);
}

#[test]
fn events_without_the_facts_of_sysmon_are_refused() {
    let mut contract = sample();
    let event = sysmon::Event { default: sysmon::Action::Exclude, target: sysmon::Target::Linux };
    contract.types[0].event = Some(event);
    let error = bytes::write(&contract).unwrap_err();
    assert_eq!((error.kind, error.path.as_str()), (ErrorKind::Unwritable, "sysmon"));
    let error = toml::parse(&toml::print(&contract)).unwrap_err();
    assert!(error.position.is_some() && error.expected == "[sysmon] where a type is an event", "{error}");
}

/// The messages as a file, to be reviewed as text; `BLESS=1` rewrites it.
fn agree_with_the_file(name: &str, messages: &[String]) {
    let path = format!("{}/tests/messages/{name}", env!("CARGO_MANIFEST_DIR"));
    let found = messages.join("\n") + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), found);
}
