//! What is written is read again, and whatever is read is accounted for line by line.

use super::quick::Quick;
use super::special::Specials;
use super::{EventFile, Handed, Taken, Typing, json};
use crate::{OwnedInput, Record};
use channel_contract::{Contract, Field, TemplateType, toml};
use channel_parser::model::InputType;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::IpAddr;

fn contract() -> Contract {
    toml::parse(include_str!("../../../../corpus/contracts/example.toml")).unwrap()
}

fn read(bytes: Vec<u8>) -> Vec<(u64, Taken)> {
    let (contract, mut all) = (contract(), Vec::new());
    let typing = Typing::new(&contract);
    let Ok(mut file) = EventFile::open(std::io::Cursor::new(bytes)) else { return all };
    while let Some(batch) = file.batch() {
        batch.read(&typing, &mut |number, handed| {
            let taken = match handed {
                Handed::Event(event, loose) => Taken::Event(Record::from(event), loose),
                Handed::Elsewhere(source) => Taken::Elsewhere(source),
                Handed::Unread(why) => Taken::Unread(why),
            };
            all.push((number, taken));
        });
    }
    all
}

/// What the short way hands over of a line among others.
fn quickly(quick: &mut Quick<'_>, line: &str) -> Option<Record> {
    let all = format!("{line}\n{line}\n{line}");
    let own = line.len() + 1..2 * line.len() + 1;
    quick.event(&all, &Specials::of(all.as_bytes()), own, |event| Record::from(event))
}

fn input(field: &Field) -> BoxedStrategy<Option<OwnedInput>> {
    let most = field.max_bytes as usize;
    let some = match field.input {
        InputType::Text => any::<String>()
            .prop_filter("fits", move |text| text.len() <= most)
            .prop_map(OwnedInput::Text)
            .boxed(),
        InputType::Integer => any::<i64>().prop_map(OwnedInput::Integer).boxed(),
        InputType::Address => any::<IpAddr>().prop_map(OwnedInput::Address).boxed(),
    };
    if field.nullable { proptest::option::of(some).boxed() } else { some.prop_map(Some).boxed() }
}

fn record() -> impl Strategy<Value = Record> {
    let of = |template: TemplateType| {
        let inputs: Vec<_> = template.fields.iter().take(template.supplied as usize).map(input).collect();
        inputs.prop_map(move |inputs| Record { template: template.id, inputs })
    };
    proptest::sample::select(contract().types).prop_flat_map(of)
}

proptest! {
    /// A witness is replayed as it was, and so is the same event by the names of its fields.
    #[test]
    fn a_record_that_was_written_is_read_again(records in proptest::collection::vec(record(), 1..20)) {
        let contract = contract();
        let (mut exact, mut named) = (String::new(), String::new());
        for record in &records {
            exact.push_str(&(record.to_json() + "\n"));
            let template = contract.template(record.template).unwrap();
            let fields = template.fields.iter().zip(&record.inputs).map(|(field, input)| {
                (field.name.clone(), serde_json::to_value(input).unwrap())
            });
            let fields: serde_json::Map<_, _> = fields.collect();
            named.push_str(&(serde_json::json!({"type": template.name, "fields": fields}).to_string() + "\n"));
        }
        let expected: Vec<_> = (1..).zip(records).map(|(n, record)| (n, Taken::Event(record, Vec::new()))).collect();
        prop_assert_eq!(&read(exact.into_bytes()), &expected);
        prop_assert_eq!(&read(named.into_bytes()), &expected);
    }

    /// No line goes missing, whatever is in it.
    #[test]
    fn each_line_is_accounted_for_once(lines in proptest::collection::vec(
        prop_oneof![any::<Vec<u8>>(), record().prop_map(|record| record.to_json().into_bytes()), "[{}\\[\\]a-z0-9:\",]{0,40}".prop_map(String::into_bytes)],
        0..40,
    )) {
        let lines: Vec<Vec<u8>> = lines
            .into_iter()
            .map(|line| line.into_iter().filter(|b| *b != b'\n').collect())
            .collect();
        let bytes = lines.join(&b'\n');
        // What is packed, a log or marked as text of another kind is no list of lines.
        prop_assume!(!bytes.starts_with(b"\x1f\x8b") && !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff"));
        let full = (1u64..).zip(&lines).filter(|(_, line)| !line.trim_ascii().is_empty());
        let numbers: Vec<u64> = full.map(|(number, _)| number).collect();
        prop_assert_eq!(read(bytes).into_iter().map(|(number, _)| number).collect::<Vec<_>>(), numbers);
    }

    /// What the short way hands over is what the long way does, of whatever lines it was read after.
    #[test]
    fn the_short_way_leads_where_the_long_way_does(lines in proptest::collection::vec(line(), 1..6)) {
        let (contract, all) = (windows(), lines.join("\n"));
        let typing = Typing::new(&contract);
        let (mut quick, specials, mut from) = (Quick::new(&typing), Specials::of(all.as_bytes()), 0);
        for line in &lines {
            let own = from..from + line.len();
            from = own.end + 1;
            if let Some(record) = quick.event(&all, &specials, own, |event| Record::from(event)) {
                prop_assert_eq!(json::taken(line.as_bytes(), &typing), Taken::Event(record, Vec::new()), "{}", line);
            }
        }
    }
}

/// A line that is, mostly, one of those that go the short way.
fn line() -> impl Strategy<Value = String> {
    let id = prop_oneof![4 => select(&[1i64, 3, 7, 11, 13][..]), 1 => 0i64..40];
    let head = proptest::collection::vec(prop_oneof![4 => select(&HEAD[..3]), 1 => select(HEAD)], 0..3);
    let value = prop_oneof![8 => select(TEXTS), 1 => select(VALUES)];
    let fields = proptest::collection::vec((select(NAMES), value), 0..5);
    let colon = prop_oneof![4 => Just(":"), 1 => select(&[": ", " :\t"][..])];
    let more = [
        ",\"id\":1",
        ",\"fields\":null",
        ",\"level\":4",
        ",\"level\":\"a\"",
        ",\"type\":1",
        ",\"src\":1",
        " ",
        "}",
        ",",
    ];
    let more = prop_oneof![4 => Just(""), 1 => proptest::sample::select(more.to_vec())];
    (id, head, fields, colon, more).prop_map(|(id, head, fields, colon, more)| {
        let field = |(name, value): &(&str, &str)| format!("\"{name}\"{colon}{value}");
        let fields: Vec<String> = fields.iter().map(field).collect();
        format!("{{{}\"id\":{id},\"fields\":{{{}}}{more}}}", head.concat(), fields.join(","))
    })
}

/// Of no account are the first three.
const HEAD: &[&str] = &[
    "\"src\":\"a\",",
    "\"computer\":\"b\\\\c\",",
    "\"version\":5,",
    "\"version\":[5],",
    "\"channel\":\"System\",",
    "\"id\":2,",
    "\"src\":{},",
];
const NAMES: &[&str] = &[
    "Image",
    "UtcTime",
    "ProcessId",
    "ParentProcessId",
    "SourceIp",
    "DestinationPort",
    "Process Id",
    "User",
    "Ima\\u0067e",
    "Unknown",
    "unknown",
    "EventID",
    "Message",
    "ImageLoaded",
    "TargetFilename",
    "Hashes",
];
/// Of these most events are that go the short way.
const TEXTS: &[&str] = &[
    "\"C:\\\\a.exe\"",
    "\"C:\\\\Windows\\\\System32\\\\a long name.exe\"",
    "\"\\b\\f\\n\\r\\t\\/\\\"\"",
    "\"ä\\\\ä\"",
    "\"\"",
    "\"7\"",
    "null",
];
const VALUES: &[&str] = &[
    "\"C:\\\\a.exe\"",
    "\"\"",
    "\"-\"",
    "\"ä\"",
    "null",
    "7",
    "-7",
    "18446744073709551615",
    "1.5",
    "true",
    "[1,2]",
    "{}",
    "\"7\"",
    "\"0x1f\"",
    "\"10.0.0.1\"",
    "\"fe80::1%3\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"word\"",
];

fn windows() -> Contract {
    toml::parse(include_str!("../../../../corpus/contracts/windows/sensor.toml")).unwrap()
}

#[test]
fn a_field_with_a_blank_in_its_name_is_found_in_neither_way() {
    let mut contract = windows();
    let process = contract.types.iter_mut().find(|template| template.name == "process_termination").unwrap();
    let field = process.fields.iter_mut().find(|field| field.name == "ProcessId").unwrap();
    field.name = "Process Id".to_owned();
    let typing = Typing::new(&contract);
    let line = r#"{"id":5,"fields":{"Process Id":"7","Image":"a"}}"#;
    let Taken::Event(long, _) = json::taken(line.as_bytes(), &typing) else { panic!("an event") };
    assert!(quickly(&mut Quick::new(&typing), line).is_none_or(|short| short == long));
}

#[test]
fn what_most_lines_are_goes_the_short_way() {
    let contract = windows();
    let typing = Typing::new(&contract);
    let mut quick = Quick::new(&typing);
    for line in [
        r#"{"src":"a","id":1,"version":5,"time":"t","fields":{"Image":"C:\\a.exe","ProcessId":"7","User":null}}"#,
        r#"{"id":3,"fields":{"SourceIp":"10.0.0.1","DestinationIp":"-","SourcePort":53,"Unknown":"x"}}"#,
        r#"{"id":1,"fields":{"ProcessId":"7","Image":"C:\\b.exe"}}"#,
    ] {
        let record = quickly(&mut quick, line).unwrap();
        assert_eq!(json::taken(line.as_bytes(), &typing), Taken::Event(record, Vec::new()));
    }
}
