//! Random small rules on random small events: the detection and the rule agree. And hostile text: refused with a place,
//! in bounded time, without a panic.

mod common;

use channel_parser::model::{InputType, TypeId, TypeRevision};
use channel_sources::{Input, SourceFile, Template, sigma};
use common::event::Event;
use common::judge::{self, Judge};
use common::naive;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use std::time::Instant;

const TEXTS: &[&str] = &["CommandLine", "User"];

fn template() -> Template {
    let input = |(name, input): (&str, InputType)| Input { name: name.into(), input };
    let inputs = [
        ("CommandLine", InputType::Text),
        ("ProcessId", InputType::Integer),
        ("User", InputType::Text),
        ("Ip", InputType::Address),
    ];
    Template {
        id: TypeId(1),
        revision: TypeRevision(1),
        name: "process_creation".into(),
        inputs: inputs.into_iter().map(input).collect(),
        unsupplied: vec![],
    }
}

fn text() -> impl Strategy<Value = Value> {
    let piece = select(vec!["a", "A", "b", "*", "?", "\\", "\\\\", " ", "-", "/", "é", "\\*"]);
    prop_oneof![
        8 => prop::collection::vec(piece, 0..5).prop_map(|pieces| json!(pieces.concat())),
        1 => Just(Value::Null),
        1 => (0..3i64).prop_map(|n| json!(n)),
    ]
}

fn line() -> impl Strategy<Value = (String, Value)> {
    let plain = vec!["", "|all", "|cased", "|neq"];
    let shaped = vec![
        "|contains",
        "|startswith",
        "|endswith",
        "|contains|all",
        "|contains|windash",
        "|endswith|cased",
    ];
    let some = |value: BoxedStrategy<Value>| {
        prop_oneof![value.clone(), prop::collection::vec(value, 1..3).prop_map(Value::Array)].boxed()
    };
    let named =
        |fields: &'static [&'static str], modifiers: Vec<&'static str>, values: BoxedStrategy<Value>| {
            (select(fields), select(modifiers), values).prop_map(|(f, m, v)| (format!("{f}{m}"), v))
        };
    let words = text().prop_filter("null has no shape", |v| !v.is_null()).boxed();
    let regex = select(vec!["a", "^a.*b$", "A|b", "^$", "[^a]"]).prop_map(|s| json!(s)).boxed();
    let number =
        prop_oneof![(-2..4i64).prop_map(|n| json!(n)), Just(Value::Null), Just(json!("2")), Just(json!("*"))];
    let address = select(vec!["10.0.0.1", "::1", "10.*", "-", "10.1.*"]).prop_map(|s| json!(s)).boxed();
    let network = select(vec!["10.0.0.0/8", "0.0.0.0/0", "::/0", "::1/128"]).prop_map(|s| json!(s)).boxed();
    prop_oneof![
        4 => named(TEXTS, plain, some(text().boxed())),
        6 => named(TEXTS, shaped, some(words)),
        2 => named(TEXTS, vec!["|re", "|re|i", "|re|m|s"], some(regex)),
        1 => named(&["CommandLine", "ProcessId", "Ip"], vec!["|exists"], any::<bool>().prop_map(|b| json!(b)).boxed()),
        2 => named(&["ProcessId"], vec!["", "|neq"], some(number.boxed())),
        1 => named(&["ProcessId"], vec!["|lt", "|lte", "|gt", "|gte"], some((0..3i64).prop_map(|n| json!(n)).boxed())),
        2 => named(&["Ip"], vec!["", "|neq"], some(address)),
        1 => named(&["Ip"], vec!["|cidr"], some(network)),
    ]
}

fn selection() -> impl Strategy<Value = Value> {
    let map =
        || prop::collection::vec(line(), 1..4).prop_map(|lines| Value::Object(lines.into_iter().collect()));
    prop_oneof![3 => map(), 1 => prop::collection::vec(map(), 1..3).prop_map(Value::Array)]
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = select(vec!["s0", "s1", "s2", "t0", "1 of s*", "all of s*", "1 of them", "all of *0"]);
    leaf.prop_map(str::to_string).prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and not ({b})")),
            1 => inner.clone().prop_map(|a| format!("not {a}")),
            2 => inner.prop_map(|a| format!("({a})")),
        ]
    })
}

fn rule() -> impl Strategy<Value = String> {
    (prop::array::uniform4(selection()), condition()).prop_map(|([s0, s1, s2, t0], condition)| {
        let all = "all of them";
        json!({
            "title": "Random", "id": "random",
            "logsource": { "product": "windows", "category": "process_creation" },
            // The second condition uses every selection; it adds what matches all of them.
            "detection": { "s0": s0, "s1": s1, "s2": s2, "t0": t0, "condition": [condition, all] },
        })
        .to_string()
    })
}

fn event() -> impl Strategy<Value = Map<String, Value>> {
    let piece = select(vec!["a", "A", "b", "*", "\\", " ", "-", "/", "\u{2013}", "é", "É", "1"]);
    let text = prop::collection::vec(piece, 0..5).prop_map(|pieces| json!(pieces.concat()));
    let address =
        select(vec!["10.0.0.1", "10.1.2.3", "11.0.0.1", "::1", "fe80::1", "-"]).prop_map(|s| json!(s));
    let maybe = |value: BoxedStrategy<Value>| prop_oneof![3 => value.prop_map(Some), 1 => Just(None)];
    let fields = (
        maybe(text.clone().boxed()),
        maybe((-2..4i64).prop_map(|n| json!(n)).boxed()),
        maybe(text.boxed()),
        maybe(address.boxed()),
    );
    fields.prop_map(|(command, id, user, ip)| {
        let fields = [("CommandLine", command), ("ProcessId", id), ("User", user), ("Ip", ip)];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_string(), value?))).collect()
    })
}

fn compile(bytes: &[u8]) -> sigma::Compiled {
    let file = SourceFile { name: "random.yml".into(), bytes: bytes.to_vec() };
    sigma::compile(&[file], &[template()], "")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_detection_matches_what_its_rule_says(rule in rule(), events in prop::collection::vec(event(), 24)) {
        let compiled = compile(rule.as_bytes());
        if let Some(refusal) = compiled.refused.first() {
            let expected = ["too-many-instances", "never-matches"];
            prop_assert!(expected.contains(&refusal.reason.word()), "{refusal}");
            return Ok(());
        }
        let second = naive::rule(&rule);
        let mut judge = Judge::new(&compiled.types);
        let detection = judge::prepared(&compiled.detections[0]);
        for fields in &events {
            let event = Event::new(&template(), fields);
            prop_assert_eq!(judge.matches(&detection, &event), second.matches(&event), "{:?}", fields);
        }
        prop_assert!(compiled.counts().instances <= channel_sources::limits::INSTANCES);
    }

    #[test]
    fn damaged_rules_are_refused_or_compiled_but_never_panic(
        rule in rule(),
        cut in any::<prop::sample::Index>(),
        piece in select(vec!["\n", "\t", "{", "]", "&a ", "*a ", "- ", ": ", "? ", "|", ">", "'", "\"", "!!x ", "%", "---\n", "\u{feff}", "\0", "\u{2028}"]),
        keep in any::<bool>(),
    ) {
        let mut at = cut.index(rule.len());
        while !rule.is_char_boundary(at) {
            at -= 1;
        }
        let rest = if keep { &rule[at..] } else { "" };
        let compiled = compile(format!("{}{piece}{rest}", &rule[..at]).as_bytes());
        prop_assert!(!compiled.refused.is_empty() || !compiled.detections.is_empty());
        prop_assert!(compiled.refused.iter().all(|r| r.line > 0 && r.column > 0));
    }

    #[test]
    fn any_bytes_are_refused_with_a_place(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let compiled = compile(&bytes);
        prop_assert!(compiled.detections.is_empty());
        prop_assert!(!compiled.refused.is_empty());
    }
}

/// Text that makes careless readers run out of time, memory or stack.
#[test]
fn hostile_rules_are_refused_soon() {
    let head = "title: t\nid: i\nlogsource: {product: windows, category: process_creation}\ndetection:\n";
    let many = |n: usize, piece: &dyn Fn(usize) -> String| (0..n).map(piece).collect::<String>();
    let cases = [
        (
            "brackets",
            format!("{head}  s: {{User: a}}\n  condition: {}s{}\n", "(".repeat(30_000), ")".repeat(30_000)),
        ),
        ("not", format!("{head}  s: {{User: a}}\n  condition: {}s\n", "not ".repeat(15_000))),
        ("and", format!("{head}  s: {{User: a}}\n  condition: s{}\n", " and s".repeat(9_000))),
        (
            "of",
            format!(
                "{head}{}  condition: 1 of s*{}\n",
                many(900, &|n| format!("  s{n}: {{User: a{n}}}\n")),
                " and all of s*".repeat(4_000)
            ),
        ),
        ("windash", format!("{head}  s: {{'User|windash': '{}'}}\n  condition: s\n", " -a".repeat(9_000))),
        (
            "windash-list",
            format!(
                "{head}  s:\n    User|windash:\n{}  condition: s\n",
                "      - ' -a -b -c -d -e'\n".repeat(20_000)
            ),
        ),
        (
            "values",
            format!(
                "{head}  s:\n    User:\n{}  condition: s\n",
                many(90_000, &|n| format!("      - v{n}\n"))
            ),
        ),
        (
            "product",
            format!(
                "{head}{}  condition: {}\n",
                many(60, &|n| format!("  a{n}: {{User: a{n}}}\n  b{n}: {{CommandLine: b{n}}}\n")),
                (0..60)
                    .map(|n| format!("((a{n} and not b{n}) or (b{n} and not a{n}))"))
                    .collect::<Vec<_>>()
                    .join(" and ")
            ),
        ),
        (
            "stars",
            format!(
                "{head}  {}: {{User: a}}\n  condition: 1 of {}x\n",
                "s".repeat(20_000),
                "*s".repeat(10_000)
            ),
        ),
        ("keys", many(200_000, &|n| format!("k{n}: v\n"))),
        ("depth", many(10_000, &|n| format!("{}k:\n", " ".repeat(n.min(900))))),
        (
            "bomb",
            many(30, &|n| {
                format!(
                    "a{n}: &a{n} [{}]\n",
                    if n == 0 { "x".into() } else { format!("*a{}, ", n - 1).repeat(20) }
                )
            }),
        ),
        (
            "regex",
            format!(
                "{head}  s: {{'User|re': '{}a{}'}}\n  condition: s\n",
                "(".repeat(20_000),
                ")".repeat(20_000)
            ),
        ),
        ("regex-size", format!("{head}  s: {{'User|re': '(\\w{{1,1000}}){{1,1000}}'}}\n  condition: s\n")),
        ("documents", "---\n".repeat(100_000)),
        (
            "global-keys",
            format!(
                "action: global\n{}{}",
                many(100_000, &|n| format!("k{n}: v\n")),
                "---\na: b\n".repeat(60_000)
            ),
        ),
        (
            "names",
            format!(
                "{head}{}  condition: 1 of {}\n",
                many(60_000, &|n| format!("  s{n}: {{User: a}}\n")),
                "*".repeat(60_000)
            ),
        ),
        ("global", "action: global\na: {b: c}\n---\n".repeat(20_000)),
    ];
    for (name, text) in cases {
        let start = Instant::now();
        let compiled = compile(text.as_bytes());
        let took = start.elapsed();
        println!(
            "{name}: {} bytes, {took:?}: {:?}",
            text.len(),
            compiled.refused.first().map(|r| r.reason.word())
        );
        let may_compile = ["and", "product"].contains(&name);
        assert!(may_compile || (compiled.detections.is_empty() && !compiled.refused.is_empty()), "{name}");
        assert!(took.as_secs() < 20, "{name} took {took:?}");
    }
}

/// A field that the type defines and the sensor does not supply is declared, never looked at, and no rule can name it.
#[test]
fn a_field_without_an_input_is_declared_and_stays_a_wildcard() {
    let mut short = template();
    short.unsupplied = vec!["Forgotten".into()];
    let rule = |field: &str| {
        let text = format!(
            "title: t\nid: 0d4a8c0e-5a3c-4c5e-9d52-3a0a3d1b6f01\nlogsource: {{product: windows, category: process_creation}}\n\
             detection:\n  a:\n    {field}: x\n  condition: a\n"
        );
        SourceFile { name: "r.yml".into(), bytes: text.into_bytes() }
    };
    let compiled = sigma::compile(&[rule("User")], std::slice::from_ref(&short), "");
    let [detection] = compiled.detections.as_slice() else { panic!("{:?}", compiled.refused) };
    assert_eq!(compiled.types[0].fields.last().map(String::as_str), Some("Forgotten"));
    assert_eq!(detection.include[0].criteria.len(), 5);
    assert!(detection.include[0].criteria[4].is_wildcard());
    let compiled = sigma::compile(&[rule("Forgotten")], &[short], "");
    assert!(
        compiled.detections.is_empty()
            && compiled.refused[0].to_string().contains("`Forgotten` is not supplied")
    );
}
