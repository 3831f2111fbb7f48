//! Sysmon's semantics against a second, naive reading of them: over owned values, each text an array that a zero ends, as
//! `SYSMON.md` describes what the sensor does. It shares no code with the interpreter.

mod common;

use channel_contract::sysmon::{Action, Event as Takes, FILTERS, Sysmon, Target};
use channel_contract::{Contract, Field, Limits, TemplateType};
use channel_interpreter::sysmon::{Answer, Operator, Rules, Watch, fold};
use channel_interpreter::{Event, FaultKind, Input};
use channel_parser::model::{InputType, TypeId};
use channel_parser::sysmon::draft::{self, Draft, Filter, Group, Item};
use channel_parser::sysmon::{self as format, encode};
use common::sysmon::{self as naive, Owned};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Event 1 by itself; 2, 3 and 4 share a name and not all fields; 5 takes no rules; 6 has more fields than a mask has bits.
fn sensor() -> Contract {
    let template = |id: u32, name: &str, fields: &[&str], default: Option<Action>| TemplateType {
        id: TypeId(id),
        name: name.into(),
        fields: fields
            .iter()
            .map(|name| Field { name: (*name).into(), input: InputType::Text, nullable: true, max_bytes: 64 })
            .collect(),
        supplied: fields.len() as u32,
        event: default.map(|default| Takes { default, target: Target::All }),
        ..Default::default()
    };
    let many: Vec<_> = (0..70).map(|n| format!("m{n}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let mut types = vec![
        template(1, "A", &["a", "b", "c"], Some(Action::Include)),
        template(2, "R", &["a", "b"], Some(Action::Exclude)),
        template(3, "r", &["a", "b", "c"], Some(Action::Include)),
        template(4, "R", &["a", "x", "b"], Some(Action::Exclude)),
        template(5, "None", &["a"], None),
        template(6, "Many", &many, Some(Action::Exclude)),
    ];
    types[0].fields[1].input = InputType::Integer;
    types[0].fields[2].input = InputType::Address;
    let limits = Limits { work_per_event: 100_000, ..Default::default() };
    let mut filters = FILTERS.map(String::from).to_vec();
    filters.push("of a later sensor".into());
    let sysmon = Sysmon { schema: "4.70".parse().unwrap(), binary: "15.0".parse().unwrap(), filters };
    Contract { types, limits, sysmon: Some(sysmon), ..Default::default() }
}

fn text() -> impl Strategy<Value = String> {
    let hard = [
        "",
        "a",
        "A",
        ";",
        "\\",
        "ab",
        "k",
        "\u{212a}",
        "ſ",
        "s",
        "S",
        "İ",
        "ß",
        "ẞ",
        "ǅ",
        "ǆ",
        "1",
        "10",
        "0:0:0:0:0:0:0:1",
        "🦀",
    ];
    prop_oneof![
        vec(select(&['a', 'A', 'b', ';', '\\', '\0'][..]), 0..6).prop_map(String::from_iter),
        select(hard.to_vec()).prop_map(String::from)
    ]
}

fn filter(most: u32) -> impl Strategy<Value = Filter> {
    let name = select(&["", "", "one", "two", "three"][..]);
    let value = prop_oneof![20 => text(), 1 => Just("%TEMP%".to_owned())];
    let odd = prop_oneof![30 => Just(false), 1 => Just(true)];
    (0..most, 0..18u32, name, odd, value).prop_map(|(field, operator, name, environment, value)| {
        // Positions past the list are rare.
        let operator = if operator > 15 && field != 0 { operator - 10 } else { operator };
        Filter { field, operator, name: wide(name), environment, value: Owned::Text(value).units() }
    })
}

fn rules() -> impl Strategy<Value = draft::Event> {
    let group = (0..2u32, select(&["", "group", "other"][..]), vec(filter(4), 0..4)).prop_map(
        |(combine, name, filters)| {
            Item::Group(Group { combine, name: wide(name), filters, ..Default::default() })
        },
    );
    let item = prop_oneof![2 => filter(4).prop_map(Item::Filter), 1 => group];
    (1..6u32, 0..2u32, 0..2u32, vec(item, 0..5)).prop_map(|(id, default, combine, items)| draft::Event {
        id,
        default,
        combine,
        items,
    })
}

fn blob() -> impl Strategy<Value = Draft> {
    let version = select(&[0xe_0000, 0xe_0001, 0xe_0002, 0xf_0000][..]);
    let few = vec(rules(), 1..6);
    let many = (rules(), 30..70usize).prop_map(|(rules, n)| vec![rules; n]);
    (version, prop_oneof![15 => few, 1 => many]).prop_map(|(version, mut events)| {
        let groups = events.iter_mut().flat_map(|event| &mut event.items).filter_map(|item| match item {
            Item::Group(group) => Some(group),
            Item::Filter(_) => None,
        });
        for (group, id) in groups.zip(1..) {
            group.id = id;
        }
        Draft { version, schema: 0x4_0046, events, ..Default::default() }
    })
}

fn input(kind: InputType) -> impl Strategy<Value = Option<Owned>> {
    let some = match kind {
        InputType::Text => text().prop_map(Owned::Text).boxed(),
        InputType::Integer => select(&[0, 1, 10, -1, i64::MIN][..]).prop_map(Owned::Integer).boxed(),
        InputType::Address => {
            let addresses = ["::1", "10.0.0.1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
            select(addresses.map(|text| text.parse().unwrap()).to_vec()).prop_map(Owned::Address).boxed()
        }
    };
    prop_oneof![15 => some.prop_map(Some), 1 => Just(None)]
}

fn event() -> impl Strategy<Value = (u32, Vec<Option<Owned>>)> {
    (0..5usize).prop_flat_map(|at| {
        let template = &sensor().types[at];
        let inputs: Vec<_> = template.fields.iter().map(|field| input(field.input)).collect();
        (Just(template.id.0), inputs)
    })
}

/// Every filter that was reached, and what became of the rules.
#[derive(Default)]
struct Seen(Vec<(u32, u32, Answer)>, Vec<(u32, Answer)>);

impl Watch for Seen {
    fn filter(&mut self, filter: &format::Filter<'_>, answer: Answer) {
        let (event, index) = filter.indices();
        self.0.push((event, index, answer));
    }

    fn rules(&mut self, event: &format::Event<'_>, answer: Answer) {
        self.1.push((event.index(), answer));
    }
}

fn borrowed(inputs: &[Option<Owned>]) -> Vec<Option<Input<'_>>> {
    fn input(input: &Owned) -> Input<'_> {
        match input {
            Owned::Text(text) => Input::Text(text),
            Owned::Integer(n) => Input::Integer(*n),
            Owned::Address(address) => Input::Address(*address),
        }
    }
    inputs.iter().map(|one| one.as_ref().map(input)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_blob_is_evaluated_as_the_sensor_does(draft in blob(), events in vec(event(), 6)) {
        let contract = sensor();
        let bytes = encode(&draft).unwrap();
        let blob = format::parse(&bytes).unwrap();
        let rules = Rules::new(&blob, &contract);
        for (id, inputs) in &events {
            let inputs_of = borrowed(inputs);
            let mut seen = Seen::default();
            let decision = rules.decide(&Event { template: TypeId(*id), inputs: &inputs_of }, &mut seen);
            let wanted = naive::decide(&draft, &contract, *id, inputs);
            match (decision, wanted) {
                (Ok(ours), Ok(naive)) => {
                    prop_assert_eq!(&seen.0, &naive.filters);
                    prop_assert_eq!(&seen.1, &naive.rules);
                    prop_assert_eq!(ours.logged, naive.logged);
                    prop_assert_eq!(ours.rule.map(|name| name.units().collect::<Vec<_>>()), naive.name);
                    prop_assert_eq!(ours.by.map(|(event, filter)| (event.index(), filter.indices().1)), naive.by);
                    prop_assert_eq!(ours.failures as usize, naive.rules.iter().filter(|(_, one)| *one == Answer::Failed).count());
                    prop_assert!(ours.work >= seen.0.len() as u64);
                }
                (Err(fault), Err(())) => prop_assert_eq!(fault.kind, FaultKind::PastInputs),
                (ours, naive) => prop_assert!(false, "{:?} {:?}", ours, naive),
            }
        }
    }

    #[test]
    fn one_filter_holds_as_the_sensor_has_it(operator in select(Operator::ALL), value in text(), input in text()) {
        let value = Owned::Text(value).units();
        let filter = Filter { operator: 0, value, ..Default::default() };
        let event = draft::Event { id: 1, items: vec![Item::Filter(filter)], ..Default::default() };
        let bytes = encode(&Draft { version: 0xf_0000, schema: 0x4_0046, events: vec![event], ..Default::default() }).unwrap();
        let blob = format::parse(&bytes).unwrap();
        let value = blob.events().next().unwrap().filters().next().unwrap().value();
        let naive = naive::holds(operator.word(), &Owned::Text(input.clone()).units(), &value.units().collect::<Vec<_>>());
        prop_assert_eq!(Some(operator.holds(&input, value)), naive);
    }
}

#[test]
fn every_unit_is_folded_as_the_format_says() {
    for unit in 0..=u16::MAX {
        assert_eq!(fold(unit), naive::lower(unit), "{unit:#x}");
    }
}

#[test]
fn operators_stand_where_the_sensors_have_them() {
    assert_eq!(Operator::ALL.iter().map(|operator| operator.word()).collect::<Vec<_>>(), FILTERS);
    assert_eq!(Operator::from_word("of a later sensor"), None);
}

/// What the sensor says of `event ID`, with this text of rules and these inputs of text.
fn decide(rules: &str, id: u32, inputs: &[&str]) -> Result<bool, FaultKind> {
    let bytes = format::assemble(&format!("sysmon-rules 1\nversion 15.00 schema 4.70\n{rules}")).unwrap();
    let blob = format::parse(&bytes).unwrap();
    let contract = sensor();
    let inputs: Vec<_> = inputs.iter().map(|text| Some(Input::Text(text))).collect();
    let event = Event { template: TypeId(id), inputs: &inputs };
    Rules::new(&blob, &contract)
        .decide(&event, &mut ())
        .map(|decision| decision.logged)
        .map_err(|fault| fault.kind)
}

#[test]
fn what_breaks_the_sensor_is_a_fault() {
    let many = vec!["x"; 70];
    let of = |field| format!("event 6 default exclude combine and\n  filter {field} operator 0: 'x'\n");
    assert_eq!(decide(&of(63), 6, &many), Ok(true));
    assert_eq!(decide(&of(64), 6, &many), Err(FaultKind::Width));
    assert_eq!(decide(&of(70), 6, &many), Ok(false), "no field, no bit");
    // Event 2 has two fields; the sensor compares the names of the third on an event 3, which has three.
    let third = "event 2 default exclude combine or\n  filter 2 operator 0: 'x'\n";
    assert_eq!(decide(third, 3, &["x"; 3]), Err(FaultKind::PastInputs));
    assert_eq!(decide(third, 2, &["x"; 2]), Ok(false));
    let slow =
        "event 1 default exclude combine or\n  filter 0 operator 0: 'y'\n".replace("event 1", "event 2");
    let bytes = format::assemble(&format!("sysmon-rules 1\nversion 15.00 schema 4.70\n{slow}")).unwrap();
    let (blob, mut contract) = (format::parse(&bytes).unwrap(), sensor());
    contract.limits.work_per_event = 0;
    let inputs = [Some(Input::Text("x")), Some(Input::Text("x"))];
    let event = Event { template: TypeId(2), inputs: &inputs };
    assert_eq!(Rules::new(&blob, &contract).decide(&event, &mut ()).unwrap_err().kind, FaultKind::Work);
    assert_eq!(decide("event 2 default exclude combine or\n", 2, &["x"]), Err(FaultKind::Event));
}

/// The rules of one name fill what is kept of them at a time, and more.
#[test]
fn the_last_rules_are_tried_first_however_many_there_are() {
    for n in [1, 31, 32, 33, 64, 65, 100] {
        let rule = |at: usize| {
            format!("event 2 default exclude combine or\n  filter 0 operator 0 name 'r{at}': 'x'\n")
        };
        let text: String = (0..n).map(rule).collect();
        let bytes = format::assemble(&format!("sysmon-rules 1\nversion 15.00 schema 4.70\n{text}")).unwrap();
        let (blob, contract) = (format::parse(&bytes).unwrap(), sensor());
        let rules = Rules::new(&blob, &contract);
        let mut seen = Seen::default();
        let inputs = [Some(Input::Text("y")), None];
        let event = Event { template: TypeId(2), inputs: &inputs };
        assert!(!rules.decide(&event, &mut seen).unwrap().logged || n == 0);
        assert_eq!(seen.1, (0..n as u32).rev().map(|at| (at, Answer::NoMatch)).collect::<Vec<_>>());
        let inputs = [Some(Input::Text("X")), None];
        let decision = rules.decide(&Event { template: TypeId(2), inputs: &inputs }, &mut ()).unwrap();
        assert_eq!(decision.rule.unwrap().to_string(), format!("r{}", n - 1));
    }
}
