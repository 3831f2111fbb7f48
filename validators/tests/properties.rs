//! What holds for every input: bytes of any kind, files that were damaged and sealed again, fleets of any sensors, and
//! texts from outside that mean harm.

mod common;

use channel_contract::{Contract, Sensor, Width, toml};
use channel_parser::channel::{self, TRAILER};
use channel_parser::draft::TextOperator;
use channel_parser::draft::{
    Clause, Criterion, Detection, Draft, Instance, Pattern, Provenance, TemplateType,
};
use channel_parser::model::{Level, Quantifier, TypeId};
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

/// A sensor of the corpus with one of its facts changed.
fn sensor() -> impl Strategy<Value = Member> {
    let parts = (any::<prop::sample::Index>(), 0..16u8, 0..5u32, any::<prop::sample::Index>(), 0..100u32);
    parts.prop_map(|(base, fact, n, at, version)| {
        let mut sensor = base.get(&SENSORS).clone();
        sensor.sensor.version = format!("{version}");
        let at = at.index(sensor.types.len());
        let template = &mut sensor.types[at];
        match fact {
            0 => sensor.limits.file_bytes = u64::from(n) * 300,
            1 => sensor.limits.detections = n,
            2 => sensor.limits.instances = n,
            3 => sensor.limits.clauses_per_criterion = n,
            4 => sensor.limits.patterns_per_clause = n,
            5 => sensor.limits.operand_bytes = n * 8,
            6 => sensor.limits.automaton_bytes = u64::from(n) * 1000,
            7 => sensor.limits.work_per_event = n.into(),
            8 => sensor.limits.widths.match_count = Width::new(n as u8 + 1).expect("up to 5"),
            9 => template.supplied = n,
            10 => template.revision.0 = n,
            11 => template.channel.0 = n,
            12 => template.fields.truncate(n as usize),
            13 => template.fields.reverse(),
            14 => {
                sensor.operators =
                    sensor.operators.iter().filter(|operator| u32::from(operator.number()) != n).collect()
            }
            _ => {}
        }
        member(&format!("sensor-{version}.toml"), sensor)
    })
}

/// A file of the corpus with some bytes changed, sealed again or not.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (any::<prop::sample::Index>(), changes, any::<bool>()).prop_map(|(base, changes, seal)| {
        let mut bytes = base.get(&ACCEPTED).clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if seal {
            bytes.truncate(bytes.len() - TRAILER as usize);
            let sum = channel::checksum(&bytes);
            bytes.extend(sum.iter().flat_map(|n| n.to_le_bytes()));
        }
        bytes
    })
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
    let text =
        json(&Report { judgements: std::slice::from_ref(judgement), fleet, unread: &[] }).expect("JSON");
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
