//! Two independent errors in one file are two findings, and there is no third: every pair of rules whose findings can
//! stand beside each other. Each break changes one line of a content or one fact of a sensor that fit each other.
//! Missing are CG101 to CG111 and CG201, which hide the content, CG402, which is that there is none, and CG315, a sensor
//! that reads something else: little else can be said beside them.

mod common;

use channel_contract::{Contract, Field, Width};
use channel_parser::Format;
use channel_parser::channel::{ChannelFile, Table};
use channel_parser::model::{InputType, Operator, TypeId};
use channel_validators::rules::{RULES, find};
use channel_validators::{Subject, Verdict, judge};
use common::{assemble, member, read, root};
use std::collections::BTreeSet;

/// How to break one rule.
struct Break {
    rule: &'static str,
    how: How,
}

enum How {
    /// A line of the content, and what takes its place.
    Line(&'static str, &'static str),
    /// Lines at the end of the content.
    Add(&'static str),
    /// A fact of the sensor, in view of the content.
    Sensor(fn(&mut Contract, &ChannelFile<'_>)),
    /// Another name of the file.
    Name(&'static str),
}

use How::{Add, Line, Name, Sensor};

const fn to(rule: &'static str, how: How) -> Break {
    Break { rule, how }
}

const BREAKS: &[Break] = &[
    to("reserved", Add("set header.reserved = 1")),
    to("type-order", Add("set types[8].id = 9")),
    to("word", Add("set detections[0].level = 9")),
    to("utf8", Add("set provenance[0].title = hex ff")),
    to("operand", Add("set patterns[0].operand = '000000000000001F'")),
    to("file-name", Name("C-00000100-00000000-00000002.sys")),
    to("skipped-section", Line("# a section", "section NOTE\n  00 01")),
    to("file-bytes", Sensor(|sensor, file| sensor.limits.file_bytes = file.bytes().len() as u64 - 1)),
    to(
        "detections",
        Sensor(|sensor, file| sensor.limits.detections = file.table(Table::Detections).rows - 1),
    ),
    to("instances", Sensor(|sensor, file| sensor.limits.instances = file.table(Table::Instances).rows - 1)),
    to("instance-cap", Sensor(|sensor, _| type_of(sensor, 2).instance_cap = 1)),
    to("clauses", Sensor(|sensor, _| sensor.limits.clauses_per_criterion = 2)),
    to("patterns", Sensor(|sensor, _| sensor.limits.patterns_per_clause = 3)),
    to("operand-bytes", Sensor(|sensor, _| sensor.limits.operand_bytes = 31)),
    to("automaton-bytes", Sensor(|sensor, _| sensor.limits.automaton_bytes = 0)),
    // Type 1 has more than twice as many patterns as any other, and between four and seven instances.
    to("work", Sensor(|sensor, _| sensor.limits.work_per_event = 8)),
    to("match-count", Sensor(|sensor, _| sensor.limits.widths.match_count = Width::new(2).unwrap())),
    to("unsupplied-input", Sensor(|sensor, _| type_of(sensor, 2).supplied = 3)),
    to("another-field", Sensor(|sensor, _| type_of(sensor, 1).fields[1].name = "Arguments".into())),
    to("unknown-type", Sensor(|sensor, _| sensor.types.retain(|template| template.id != TypeId(5)))),
    to("type-revision", Sensor(|sensor, _| type_of(sensor, 6).revision.0 = 2)),
    to("type-channel", Sensor(|sensor, _| type_of(sensor, 7).channel.0 = 101)),
    to(
        "field-count",
        Sensor(|sensor, _| {
            let more = type_of(sensor, 8).fields[0].clone();
            type_of(sensor, 8).fields.push(more);
        }),
    ),
    to("instance-fields", Line("  include type 7", "  include type 7 fields 1")),
    to("operator", Sensor(|sensor, _| assert!(sensor.operators.remove(Operator::Glob)))),
    to("input-type", Line("    ProcessId: any of equal 4", "    ProcessId: any of exact '4'")),
    to("nullability", Line("    ParentId: any of absent", "    ProcessId: any of absent")),
    to(
        "operand-length",
        Line("    Protocol: any of exact 'tcp'", "    Protocol: any of exact 'tcp-over-udp'"),
    ),
    to("integer-width", Line("    Port: any of equal 80", "    Port: any of equal 4294967296")),
    to("dangling-reference", Add("set instances[0].template = 99")),
    to("unused-field", Sensor(|sensor, _| type_of(sensor, 3).supplied = 1)),
    to(
        "match-all",
        Line("    HostName: any of suffix '.example'", "    HostName: any of suffix '.example', suffix ''"),
    ),
    to("duplicate", Line("    Image: none of suffix '/y'", "    Image: none of suffix '/y', suffix '/y'")),
    to("regex", Line("    Image: any of regex '^/bin/'", "    Image: any of regex '(?=/)bin'")),
];

fn type_of(sensor: &mut Contract, id: u32) -> &mut channel_contract::TemplateType {
    sensor.types.iter_mut().find(|template| template.id == TypeId(id)).expect("a type of the sensor")
}

/// The rules that find something in a file with these breaks, each once for each of its findings.
fn found(breaks: &[&Break]) -> Vec<&'static str> {
    let folder = root().join("validators/tests/pairs");
    let mut text = read(&folder.join("content.chn.txt"));
    let mut named = None;
    for one in breaks {
        match one.how {
            Line(from, to) => {
                assert_eq!(text.lines().filter(|line| *line == from).count(), 1, "{from}");
                text = text.replace(&format!("{from}\n"), &format!("{to}\n"));
            }
            Add(line) => text = format!("{text}{line}\n"),
            Name(name) => named = Some(name.to_owned()),
            Sensor(_) => {}
        }
    }
    let (name, bytes) = assemble(&text);
    let subject = Subject::read(named.unwrap_or(name), &bytes);
    let mut sensor = channel_contract::toml::parse(&read(&folder.join("sensor.toml"))).expect("a contract");
    let file = subject.file().expect("content that can be read");
    for one in breaks {
        if let Sensor(change) = one.how {
            change(&mut sensor, file);
        }
    }
    let judgement = judge(&subject, &[member("sensor.toml", sensor)]);
    if breaks.is_empty() {
        assert_eq!(judgement.verdict, Verdict::Pass, "{:?}", judgement.findings);
    }
    let mut rules: Vec<_> = judgement.findings.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules
}

#[test]
fn content_and_sensor_fit() {
    assert_eq!(found(&[]), Vec::<&str>::new());
}

#[test]
fn each_break_is_one_finding() {
    for one in BREAKS {
        assert_eq!(found(&[one]), [one.rule]);
    }
}

#[test]
fn two_breaks_are_two_findings() {
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for (n, a) in BREAKS.iter().enumerate() {
        for b in BREAKS.iter().skip(n + 1) {
            let mut expected = [a.rule, b.rule];
            expected.sort_unstable();
            let found = found(&[a, b]);
            pairs += 1;
            if found != expected {
                wrong.push(format!("{expected:?}: found {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {pairs} pairs:\n{}", wrong.len(), wrong.join("\n"));
}

/// Found by the property tests: a name that is no text was also reported as the name of another field.
#[test]
fn a_name_that_is_no_text_is_not_another_name() {
    assert_eq!(found(&[&to("utf8", Add("set fields[0].name = hex ff ff ff ff ff"))]), ["utf8"]);
}

#[test]
fn every_rule_that_can_stand_beside_another_is_here() {
    let here: BTreeSet<_> = BREAKS.iter().map(|one| find(one.rule).expect("a rule").code.0).collect();
    let all: BTreeSet<_> = RULES
        .iter()
        .filter(|rule| rule.check_of(Format::Channel).is_some())
        .map(|rule| rule.code.0)
        .filter(|n| !(101..=111).contains(n) && ![201, 315, 402].contains(n))
        .collect();
    assert_eq!(here, all);
}

fn field(name: &str, input: InputType) -> Field {
    Field { name: name.into(), input, nullable: false, max_bytes: 0 }
}

type Change = fn(&mut Contract);

/// The one rule that names the cause, and a change of the sensor that has consequences.
const CAUSES: &[(&str, Change)] = &[
    ("unsupplied-input", |sensor| {
        let connection = type_of(sensor, 2);
        connection.supplied = 3;
        connection.fields[3] = field("Elsewhere", InputType::Integer);
    }),
    ("another-field", |sensor| {
        type_of(sensor, 1).fields[1] = field("Arguments", InputType::Address);
    }),
    ("type-revision", |sensor| {
        let process = type_of(sensor, 1);
        process.revision.0 = 2;
        process.supplied = 0;
        process.fields.truncate(2);
        process.fields.reverse();
    }),
    ("field-count", |sensor| {
        let process = type_of(sensor, 1);
        process.supplied = 1;
        process.fields.truncate(2);
        process.fields.reverse();
    }),
    ("unknown-type", |sensor| {
        let other = type_of(sensor, 5);
        other.id = TypeId(50);
        other.supplied = 0;
        other.instance_cap = 0;
        sensor.types.sort_by_key(|template| template.id);
    }),
];

#[test]
fn a_consequence_is_no_finding() {
    let folder = root().join("validators/tests/pairs");
    let (name, bytes) = assemble(&read(&folder.join("content.chn.txt")));
    for (rule, change) in CAUSES {
        let mut sensor =
            channel_contract::toml::parse(&read(&folder.join("sensor.toml"))).expect("a contract");
        change(&mut sensor);
        let judgement = judge(&Subject::read(name.clone(), &bytes), &[member("sensor.toml", sensor)]);
        let found: Vec<_> = judgement.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(found, [*rule]);
    }
}
