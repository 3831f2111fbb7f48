//! What holds for every input: bytes of any kind, files that were damaged and sealed again, fleets of any sensors, and
//! texts from outside that mean harm.

mod common;

use channel_contract::{Contract, Sensor, toml};
use channel_parser::channel;
use channel_parser::draft::TextOperator;
use channel_parser::draft::{
    Clause, Criterion, Detection, Draft, Instance, Pattern, Provenance, TemplateType,
};
use channel_parser::model::{Level, Quantifier, TypeId};
use channel_smith::{mutate, strategy};
use channel_validators::report::{Detail, Look, Report, json, rows};
use channel_validators::rules::RULES;
use channel_validators::{Judgement, Member, Severity, Subject, Verdict, judge};
use common::{assemble, corpus, files, member, read, root, shown};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Every file of the corpus that a reader accepts, and the rich one of the pairs.
static ACCEPTED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let pairs = root().join("validators/tests/pairs/content.chn.txt");
    let all = files(&corpus().join("rules"), ".chn.txt").into_iter().chain([pairs]);
    let bytes = all.map(|path| assemble(&read(&path)).1);
    bytes.filter(|bytes| channel::parse(bytes).is_ok()).collect()
});

static SENSORS: LazyLock<Vec<Contract>> = LazyLock::new(|| {
    let mut paths = files(&corpus().join("rules"), "sensor.toml");
    paths.push(corpus().join("contracts/example.toml"));
    paths.push(root().join("validators/tests/pairs/sensor.toml"));
    paths.iter().map(|path| toml::parse(&read(path)).expect("a contract")).collect()
});

/// A sensor of the corpus with a few of its facts changed.
fn sensor() -> impl Strategy<Value = Member> {
    strategy::made(|u| {
        let mut sensor = u.choose(&SENSORS)?.clone();
        for _ in 0..u.int_in_range(0..=2)? {
            mutate::contract(u, &mut sensor)?;
        }
        sensor.sensor.version = u.int_in_range(0..=99u8)?.to_string();
        Ok(Some(member(&format!("sensor-{}.toml", sensor.sensor.version), sensor)))
    })
}

/// A file of the corpus, and what is near it.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    strategy::neighbour(ACCEPTED.clone())
}

/// What every judgement keeps to.
fn sound(judgement: &Judgement, bytes: &[u8], fleet: &[Member]) -> Result<(), TestCaseError> {
    for finding in &judgement.findings {
        let spans = finding.span.iter().chain(finding.related.iter().map(|label| &label.span));
        for span in spans {
            prop_assert!(span.start <= span.end && span.end <= bytes.len() as u64, "{finding:?}");
        }
        prop_assert!(RULES.iter().any(|rule| rule.code == finding.code && rule.severity == finding.severity));
        prop_assert!(!finding.message.is_empty() && !finding.help.is_empty(), "{finding:?}");
        prop_assert!(!finding.expected.is_empty() && !finding.found.is_empty(), "{finding:?}");
    }
    let errors = judgement.count(Severity::Error) > 0;
    prop_assert_eq!(judgement.verdict == Verdict::Fail, errors);
    prop_assert_eq!(judgement.verdict == Verdict::Pass, !errors && !fleet.is_empty());
    prop_assert_eq!(judgement.rules.len(), RULES.len());
    for rule in &judgement.rules {
        let kept = judgement.findings.iter().filter(|finding| finding.code == rule.code).count() as u64;
        prop_assert!(rule.findings >= kept && (rule.findings > 0) == (kept > 0));
    }
    let text = json(&Report { judgements: std::slice::from_ref(judgement), fleet, ..Report::default() })
        .expect("JSON");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    prop_assert_eq!(value["files"][0]["findings"].as_array().map(Vec::len), Some(judgement.findings.len()));
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_can_be_judged(bytes in prop::collection::vec(any::<u8>(), 0..600), fleet in prop::collection::vec(sensor(), 0..3)) {
        let judgement = judge(&Subject::read("any", &bytes), &fleet);
        sound(&judgement, &bytes, &fleet)?;
    }

    #[test]
    fn damaged_files_can_be_judged(bytes in mutated(), fleet in prop::collection::vec(sensor(), 0..3)) {
        let judgement = judge(&Subject::read("C-00000100-00000000-00000001.sys", &bytes), &fleet);
        sound(&judgement, &bytes, &fleet)?;
    }

    #[test]
    fn a_file_passes_for_a_fleet_if_it_passes_for_each(bytes in mutated(), fleet in prop::collection::vec(sensor(), 1..4)) {
        let subject = Subject::read("one", &bytes);
        let each = fleet.iter().all(|member| judge(&subject, std::slice::from_ref(member)).verdict == Verdict::Pass);
        prop_assert_eq!(judge(&subject, &fleet).verdict == Verdict::Pass, each);
    }

    #[test]
    fn the_order_of_the_fleet_changes_nothing(bytes in mutated(), fleet in prop::collection::vec(sensor(), 2..4)) {
        let subject = Subject::read("one", &bytes);
        let reversed: Vec<_> = fleet.iter().rev().cloned().collect();
        prop_assert_eq!(judge(&subject, &fleet).findings, judge(&subject, &reversed).findings);
    }

    #[test]
    fn reports_hold_nothing_that_moves_a_terminal(
        texts in prop::collection::vec("[\\x00-\\x1f\\x7f-\\u{9f}\\u{ad}\\u{200b}-\\u{200f}\\u{202a}-\\u{202e}\\u{2066}-\\u{2069}\\u{feff}a'\\\\]{1,12}", 10),
        detail in prop::sample::select(vec![Detail::Line, Detail::Block, Detail::All]),
        colour in any::<bool>(),
        ascii in any::<bool>(),
    ) {
        let [id, field, name, operand, title, file, origin, sensor, version, platform] = &texts[..] else { unreachable!() };
        let bytes = channel::encode(&hostile(id, field, name, operand, title)).expect("a draft that can be written");
        let mut contract = SENSORS[0].clone();
        contract.sensor = Sensor { name: sensor.clone(), version: version.clone(), platform: platform.clone(), build_id: id.clone() };
        contract.types[0].name = name.clone();
        contract.types[0].fields[0].name = field.clone();
        let member = Member { origin: origin.clone(), sha256: String::new(), contract };
        let judgement = judge(&Subject::read(file.clone(), &bytes), std::slice::from_ref(&member));
        prop_assert!(judgement.findings.len() > 2, "{:?}", judgement.findings);
        let look = Look { colour, ascii };
        let mut text = shown(&judgement, &bytes, &[member], detail, look);
        if colour {
            prop_assert!(text.contains("\x1b["));
            text = uncoloured(&text);
        }
        let harmful = |c: char| c != '\n' && (c.is_control() || !c.is_ascii() && !"│╭╰─⋮…".contains(c));
        prop_assert!(!text.contains(harmful), "{text:?}");
        prop_assert!(!ascii || text.is_ascii(), "{text:?}");
    }

    #[test]
    fn rows_fit_a_terminal(bytes in prop::collection::vec(any::<u8>(), 1..100), marks in prop::collection::vec((0..120u64, 0..60u64, "[a-z ]{0,60}", any::<bool>()), 1..6)) {
        let marks: Vec<_> = marks
            .iter()
            .map(|(start, length, text, primary)| channel_validators::report::Mark { span: *start..start + length, text, primary: *primary })
            .collect();
        for row in rows(&bytes, &marks, Look::default()) {
            prop_assert!(row.trim_end().chars().count() <= 76, "{row}");
        }
    }
}

/// A text without the sequences that set colours.
fn uncoloured(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        let (sgr, rest) = part.split_once('m').expect("an SGR sequence");
        assert!(sgr.chars().all(|c| c.is_ascii_digit() || c == ';'), "{sgr:?}");
        all + rest
    })
}

/// Content with texts from outside wherever there can be any, that no sensor of the corpus takes.
fn hostile(id: &str, field: &str, name: &str, operand: &str, title: &str) -> Draft {
    let regex = |operand: &str| Pattern::Text {
        operator: TextOperator::Regex,
        nocase: true,
        operand: operand.to_owned(),
    };
    let clause = |patterns| Clause { quantifier: Quantifier::AnyOf, patterns };
    let patterns = vec![regex(&format!("{operand}(?={title})")), regex("(?=b)"), Pattern::Present];
    let criteria = vec![
        Criterion { clauses: vec![clause(patterns.clone()), clause(patterns)] },
        Criterion { clauses: vec![clause(vec![Pattern::Equal(-1)])] },
    ];
    let template = |id| TemplateType {
        id: TypeId(id),
        name: name.to_owned(),
        fields: vec![field.to_owned(), title.to_owned()],
        ..TemplateType::default()
    };
    Draft {
        types: vec![template(1), template(7), template(77)],
        detections: vec![Detection {
            id: id.to_owned(),
            level: Level::Low,
            provenance: Provenance {
                title: title.to_owned(),
                author: name.to_owned(),
                ..Provenance::default()
            },
            include: (0..3).map(|n| Instance { template: n.into(), criteria: criteria.clone() }).collect(),
            exclude: Vec::new(),
        }],
        ..Draft::default()
    }
}
