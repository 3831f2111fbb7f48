//! The reports as people and machines get them: blessed whole, and held to what a terminal can show.

mod common;

use channel_contract::toml;
use channel_parser::channel::{self, TRAILER, Table};
use channel_parser::draft::{
    Clause, Criterion, Detection, Draft, Instance, Pattern, Provenance, TextOperator,
};
use channel_parser::model::{Channel, Level, Quantifier, TypeIndex};
use channel_validators::report::{Detail, Look, Report, json};
use channel_validators::{Judgement, Member, Severity, Subject, judge};
use common::{assemble, blessed, corpus, judged, member, read, root, shown};

/// The content of July 2024 for the sensor of the day and for one that was repaired.
fn july() -> (Judgement, Vec<u8>, Vec<Member>) {
    let folder = root().join("validators/tests/report");
    let broken = toml::parse(&read(&folder.join("july.sensor.toml"))).expect("a contract");
    let mut repaired = broken.clone();
    repaired.sensor.version = "7.15".into();
    repaired.types[0].supplied = 21;
    let fleet = vec![member("sensor-7.11.toml", broken), member("sensor-7.15.toml", repaired)];
    let (name, bytes) = assemble(&read(&folder.join("july.chn.txt")));
    (judge(&Subject::read(name, &bytes), &fleet), bytes, fleet)
}

fn expect(name: &str, found: &str) {
    if let Err(differs) = blessed(&root().join("validators/tests/report").join(name), found) {
        panic!("{differs}");
    }
}

#[test]
fn july_2024_in_every_look() {
    let (judgement, bytes, fleet) = july();
    let shown = |detail, look| shown(&judgement, &bytes, &fleet, detail, look);
    let drawn = shown(Detail::Block, Look::default());
    expect("july.txt", &drawn);
    expect("july.line.txt", &shown(Detail::Line, Look::default()));
    let coloured = shown(Detail::Block, Look { colour: true, ..Look::default() });
    expect("july.colour.txt", &coloured.replace('\x1b', "<ESC>"));
    let plain = shown(Detail::Block, Look { ascii: true, ..Look::default() });
    assert!(plain.is_ascii());
    assert_eq!(plain.lines().count(), drawn.lines().count());
    let wide = |line: &&str| line.starts_with("  │") && line.chars().count() > 80;
    assert_eq!(drawn.lines().find(wide), None);
}

#[test]
fn machines_get_the_same() {
    let (judgement, _, fleet) = judged(&corpus().join("rules/unsupplied-input/bad.chn.txt"));
    let report = Report { judgements: &[judgement], fleet: &fleet, ..Report::default() };
    let text = json(&report).expect("JSON");
    assert!(!text.contains('\n'));
    let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    value["tool"]["version"] = "any".into();
    expect("unsupplied-input.json", &(serde_json::to_string_pretty(&value).expect("JSON") + "\n"));
}

/// Content with so many regexes that no engine runs.
fn many(count: u32) -> (Judgement, Vec<u8>) {
    let operand = "(?=a)".to_owned();
    let pattern = Pattern::Text { operator: TextOperator::Regex, nocase: false, operand };
    // Patterns of one clause must differ.
    let clause = Clause { quantifier: Quantifier::AnyOf, patterns: vec![pattern] };
    let instance = Instance {
        template: TypeIndex(0),
        criteria: vec![Criterion { clauses: vec![clause; count as usize] }],
    };
    let template = channel_parser::draft::TemplateType {
        name: "process".into(),
        fields: vec!["Image".into()],
        ..Default::default()
    };
    let detection = Detection {
        id: "many".into(),
        level: Level::Low,
        provenance: Provenance::default(),
        include: vec![instance],
        exclude: Vec::new(),
    };
    let draft = Draft {
        channel: Channel(100),
        types: vec![template],
        detections: vec![detection],
        ..Draft::default()
    };
    let bytes = channel::encode(&draft).expect("a draft that can be written");
    (judge(&Subject::read("many", &bytes), &[]), bytes)
}

#[test]
fn equal_findings_fold() {
    let (judgement, bytes) = many(2500);
    assert_eq!(judgement.findings.len(), 1000);
    let counted = judgement.rules.iter().find(|rule| rule.name == "regex").map(|rule| rule.findings);
    assert_eq!(counted, Some(2500));
    let text = shown(&judgement, &bytes, &[], Detail::Block, Look::default());
    expect("fold.txt", &text);
    let all = shown(&judgement, &bytes, &[], Detail::All, Look::default());
    assert_eq!(all.matches("error[CG401]").count(), 1000);
}

/// The reader's errors too: a hostile file has more of them than bytes of memory are wanted for.
#[test]
fn errors_without_number_are_counted() {
    let (_, mut bytes) = many(2500);
    let file = channel::parse(&bytes).expect("a channel file");
    let operators = file.table(Table::Patterns).bytes.at as usize;
    bytes.truncate(bytes.len() - TRAILER as usize);
    bytes[operators..operators + 2500].fill(0x30);
    let sum = channel::checksum(&bytes);
    bytes.extend(sum.iter().flat_map(|n| n.to_le_bytes()));
    let judgement = judge(&Subject::read("many", &bytes), &[]);
    assert_eq!(judgement.findings.len(), 1000);
    assert_eq!(judgement.count(Severity::Error), 2500);
}

#[test]
fn one_finding_for_several_sensors_is_one_block() {
    let (judgement, bytes, fleet) = july();
    let mut fleet: Vec<_> = fleet.into_iter().take(1).cycle().take(6).collect();
    for (n, member) in fleet.iter_mut().enumerate() {
        member.contract.sensor.version = format!("7.{n}");
    }
    let many = judge(&Subject::read(judgement.file.clone(), &bytes), &fleet);
    assert_eq!(many.findings.len(), 6);
    let text = shown(&many, &bytes, &fleet, Detail::Block, Look::default());
    assert_eq!(text.matches("error[CG301]").count(), 1);
    let others = "7.1 windows-x86_64, example-sensor 7.2 windows-x86_64, example-sensor 7.3 windows-x86_64, \
                  example-sensor 7.4 windows-x86_64 and 1 more";
    assert!(text.contains(&format!("= the same for: example-sensor {others}")), "{text}");
}
