//! What holds for every content and every sensor: the gate comes to an end without a panic, says the same again, finds no
//! fault on what the validator passes and none that the validator does not explain, and shows events that do fault.

use channel_contract::{Contract, Field, Limits, OperatorSet, TemplateType};
use channel_gate::{OwnedInput, Record, judge};
use channel_interpreter::{Automata, FaultKind, Interpreter};
use channel_parser::channel;
use channel_parser::model::{InputType, TypeId};
use channel_smith::{Config, generate, mutate, strategy};
use channel_validators::{Member, Replay, Severity, Subject, Verdict, Witness};
use proptest::prelude::*;

/// A sensor, and content that suits it, or did before either was edited.
fn case() -> impl Strategy<Value = (Contract, Vec<u8>)> {
    strategy::made(|u| {
        let mut contract = generate::contract(u)?;
        let config = Config { extra_sections: u.ratio(1, 8)?, ..Config::default() };
        let Some(mut draft) = generate::content(u, &contract, &config)? else { return Ok(None) };
        for _ in 0..u.int_in_range(0..=4)? {
            mutate::content(u, &mut draft)?;
        }
        for _ in 0..u.int_in_range(0..=2)? {
            mutate::contract(u, &mut contract)?;
        }
        let types = draft.types.len();
        let mut instances = draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude));
        let whole = instances.all(|instance| (instance.template.0 as usize) < types);
        let bytes = channel::encode(&draft).ok().filter(|_| whole);
        Ok(bytes.map(|bytes| (contract, bytes)))
    })
}

fn member(contract: Contract) -> Member {
    Member { origin: "sensor.toml".into(), sha256: String::new(), contract }
}

/// A sensor that has a template type of this many fields of text, and supplies so many of them.
fn sensor(names: &[String], supplied: u32) -> Member {
    let field =
        |name: &String| Field { name: name.clone(), input: InputType::Text, nullable: true, max_bytes: 4096 };
    let ipc = TemplateType {
        id: TypeId(7),
        revision: 1.into(),
        channel: 1.into(),
        name: "ipc".into(),
        instance_cap: 2000,
        fields: names.iter().map(field).collect(),
        supplied,
        event: None,
    };
    let limits = Limits {
        file_bytes: 1 << 20,
        detections: 2000,
        instances: 2000,
        clauses_per_criterion: 10,
        patterns_per_clause: 10,
        operand_bytes: 1000,
        automaton_bytes: 1 << 30,
        work_per_event: 10_000,
        ..Limits::default()
    };
    member(Contract { types: vec![ipc], operators: OperatorSet::all(), limits, ..Contract::default() })
}

/// The event that a witness shows.
fn record(event: &Replay, contract: &Contract) -> Record {
    let template = contract.template(TypeId(event.template)).expect("a template type");
    let input = |(at, value): (usize, &serde_json::Value)| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(match template.fields.get(at).map(|field| field.input) {
            Some(InputType::Address) => OwnedInput::Address(text.parse().expect("an address")),
            _ => OwnedInput::Text(text.clone()),
        }),
        other => Some(OwnedInput::Integer(other.as_i64().expect("an integer"))),
    };
    Record { template: template.id, inputs: event.inputs.iter().enumerate().map(input).collect() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_faults_is_explained_and_shown((contract, bytes) in case()) {
        let subject = Subject::read("content.sys", &bytes);
        let fleet = [member(contract)];
        let judgement = judge(&subject, &fleet);
        prop_assert_eq!(format!("{judgement:?}"), format!("{:?}", judge(&subject, &fleet)));
        for finding in &judgement.findings {
            let alarm = finding.severity == Severity::Error && finding.code.0 / 100 == 6;
            prop_assert!(!alarm, "{finding:#?}\nof {:#?}", judgement.findings);
        }
        if channel_validators::judge(&subject, &fleet).verdict == Verdict::Pass {
            prop_assert_eq!(judgement.verdict, Verdict::Pass);
        }
        let file = channel::parse(&bytes).expect("what is written is accepted");
        let automata = Automata::new(&file);
        let interpreter = Interpreter::new(&file, &fleet[0].contract, &automata);
        for finding in &judgement.findings {
            let Some(Witness::Event { event, fault }) = &finding.witness else { continue };
            let seen = interpreter.run(&record(event, &fleet[0].contract).view().event(), &mut ());
            let seen = seen.expect_err("a witness faults");
            prop_assert_eq!((seen.kind.word(), seen.path.to_string()), (fault.kind, fault.path.clone()));
            prop_assert!(seen.kind != FaultKind::Event);
            prop_assert!(finding.code.0 != 301 || seen.kind == FaultKind::PastInputs);
        }
    }

    /// A criterion on an input that is not supplied, behind nothing that could keep events from it, is shown.
    #[test]
    fn a_read_past_the_inputs_is_always_shown(fields in 1..24u32, at: u32, supplied: u32, text in "[a-z]{1,8}") {
        let at = at % fields;
        let supplied = supplied % (at + 1);
        let mut source = String::from("channel-file 1\nchannel 1 part 0 revision 1\n\ntype 7 revision 1 ipc\n");
        (0..fields).for_each(|field| source += &format!("  field f{field}\n"));
        source += &format!("\ndetection one level high\n  include type 7\n    f{at}: any of prefix '{text}'\n");
        if at > 0 && supplied > 0 {
            source = source.replace("  include type 7\n", &format!("  include type 7\n    f0: none of exact '{text}'\n"));
        }
        let bytes = channel_parser::text::assemble(&source).expect("content");
        let names: Vec<_> = (0..fields).map(|field| format!("f{field}")).collect();
        let fleet = [sensor(&names, supplied)];
        let judgement = judge(&Subject::read("C-00000001-00000000-00000001.sys", &bytes), &fleet);
        let mut own = judgement.findings.iter().filter(|finding| finding.code.0 == 301);
        let Some(Witness::Event { fault, .. }) = own.next().and_then(|finding| finding.witness.as_ref()) else {
            return Err(TestCaseError::fail(format!("{:#?}", judgement.findings)));
        };
        prop_assert_eq!(fault.kind, "past-inputs");
    }
}

/// Of very many findings only the first are kept: the faults of the others are not news.
#[test]
fn faults_of_findings_that_are_only_counted_raise_no_alarm() {
    let mut source = String::from(
        "channel-file 1\nchannel 1 part 0 revision 1\n\ntype 7 revision 1 ipc\n  field a\n  field b\n  field c\n",
    );
    for n in 0..1200 {
        source += &format!("\ndetection d-{n} level high\n  include type 7\n    b: any of exact '{n}'\n");
        // The second of them stands behind the first, and is never reached.
        source += &format!("    c: any of exact '{n}'\n");
    }
    let bytes = channel_parser::text::assemble(&source).expect("content");
    let member = sensor(&["a", "b", "c"].map(String::from), 1);
    let judgement = judge(&Subject::read("C-00000001-00000000-00000001.sys", &bytes), &[member]);
    let codes: std::collections::BTreeSet<_> =
        judgement.findings.iter().map(|finding| finding.code.0).collect();
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), [301]);
    let shown =
        |finding: &&channel_validators::Finding| matches!(finding.witness, Some(Witness::Event { .. }));
    let past = || judgement.findings.iter().filter(|finding| finding.code.0 == 301);
    assert_eq!(past().filter(shown).count(), past().count());
}

/// An event with so many inputs is not made; what cannot be executed is no fault of the content.
#[test]
fn a_sensor_that_promises_more_inputs_than_are_made_raises_no_alarm() {
    let source = "channel-file 1\nchannel 1 part 0 revision 1\n\ntype 7 revision 1 ipc\n  field a\n\n\
        detection one level high\n  include type 7\n    a: any of exact 'x'\n";
    let bytes = channel_parser::text::assemble(source).expect("content");
    let judgement = judge(&Subject::read("content.sys", &bytes), &[sensor(&["a".into()], 1 << 20)]);
    assert_eq!(judgement.verdict, Verdict::Pass, "{:#?}", judgement.findings);
    let executed = judgement.executed.expect("it was executed");
    assert_eq!((executed.criteria, executed.decided), (1, 0));
}
