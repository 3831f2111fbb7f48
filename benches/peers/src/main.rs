//! The engine beside rsigma, the fastest other one: the same rules and events, in turns, on one core. Each line of the table
//! is the best of several rounds, so that what else the machine does weighs on all alike. A second argument names one line to
//! run once, for whoever counts instructions: these are the same on a machine that has more to do.

use channel_benches::events::{lines, read, records};
use channel_benches::{build, content};
use channel_gate::events::Typing;
use channel_gate::{Record, View};
use channel_interpreter::{Engine, Scratch};
use channel_parser::channel::{Detection, parse};
use channel_sources::SourceFile;
use rsigma_eval::{Engine as Rsigma, EvaluationResult, JsonEvent};
use rsigma_parser::{LogSource, SigmaRule, parse_sigma_yaml};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// What of Sysmon's events each of Sigma's log sources is about.
const SOURCES: [(&str, &[u64]); 31] = [
    ("clipboard_capture", &[24]),
    ("create_remote_thread", &[8]),
    ("create_stream_hash", &[15]),
    ("dns_query", &[22]),
    ("driver_load", &[6]),
    ("file_block_executable", &[27]),
    ("file_block_shredding", &[28]),
    ("file_change", &[2]),
    ("file_delete", &[23, 26]),
    ("file_event", &[11]),
    ("file_executable_detected", &[29]),
    ("image_load", &[7]),
    ("network_connection", &[3]),
    ("pipe_created", &[17, 18]),
    ("process_access", &[10]),
    ("process_creation", &[1]),
    ("process_tampering", &[25]),
    ("process_termination", &[5]),
    ("raw_access_thread", &[9]),
    ("registry_add", &[12]),
    ("registry_delete", &[12]),
    ("registry_event", &[12, 13, 14]),
    ("registry_rename", &[14]),
    ("registry_set", &[13]),
    ("sysmon_error", &[255]),
    ("sysmon_status", &[4, 16]),
    ("wmi_event", &[19, 20, 21]),
    ("sysmon", &ALL),
    ("file_access", &[]),
    ("file_rename", &[]),
    ("ps_script", &[]),
];
const ALL: [u64; 30] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
    29, 255,
];

/// What rsigma is told of log sources.
#[derive(Clone, Copy, PartialEq)]
enum Told {
    /// With each rule which events it is about: what this engine was told when the rules were compiled.
    Events,
    /// Nothing: its pipeline makes conditions of the log sources.
    Pipeline,
}

impl Told {
    /// The rule, once for each event that it is about if the engine is to be told that.
    fn rules(self, rule: SigmaRule) -> Vec<SigmaRule> {
        let LogSource { category, service, .. } = &rule.logsource;
        let name = category.as_ref().or(service.as_ref());
        let ids = SOURCES.iter().find(|(source, _)| Some(*source) == name.map(String::as_str));
        let Some((_, ids)) = ids.filter(|_| self == Self::Events) else { return vec![rule] };
        ids.iter().map(|id| SigmaRule { logsource: event(*id), ..rule.clone() }).collect()
    }
}

/// An event as a log source of its own.
fn event(id: u64) -> LogSource {
    LogSource { category: Some(format!("event-{id}")), ..LogSource::default() }
}

/// Of so many rules one is among the few that show how cost grows with their number.
const NINTH: usize = 9;

/// One round: what to count the instructions of.
#[inline(never)]
fn round(line: &mut Line<'_>) {
    let start = Instant::now();
    line.matches = (line.run)();
    line.seconds = line.seconds.min(start.elapsed().as_secs_f64());
}

/// The form in which it takes events: what the log says of each, and the fields, at one level.
fn flat(line: &str) -> (u64, String) {
    let event: Value = serde_json::from_str(line).expect("an event");
    let id = event["id"].as_u64().expect("an id");
    let channel = "Microsoft-Windows-Sysmon/Operational";
    let mut all = json!({"EventID": id, "Channel": channel, "Provider_Name": "Microsoft-Windows-Sysmon"});
    let fields = event["fields"].as_object().expect("fields").clone();
    all.as_object_mut().expect("an object").extend(fields);
    (id, all.to_string())
}

/// The rules that both engines can run: a sensor that does not supply what a rule asks for cannot run it.
fn rsigma(sources: &[SourceFile], both: &BTreeSet<&str>, told: Told) -> Rsigma {
    let mut engine = Rsigma::new();
    if told == Told::Pipeline {
        engine.add_pipeline(rsigma_eval::resolve_builtin_pipeline("sysmon").expect("known").expect("read"));
    }
    let mut rules = Vec::new();
    for source in sources {
        let text = std::str::from_utf8(&source.bytes).expect("text");
        let read = parse_sigma_yaml(text).expect("a rule").rules;
        let read = read.into_iter().filter(|rule| rule.id.as_deref().is_some_and(|id| both.contains(id)));
        rules.extend(read.flat_map(|rule| told.rules(rule)));
    }
    let refused = engine.add_rules(&rules).len();
    println!("rsigma: {} rules, {refused} refused", engine.rule_count());
    engine
}

/// The least seconds of some rounds, and what it counts.
struct Line<'a> {
    name: &'static str,
    /// The line that it is compared with.
    beside: usize,
    run: Box<dyn FnMut() -> usize + 'a>,
    seconds: f64,
    matches: usize,
}

/// How many matches this engine finds.
fn matches(engine: &Engine<'_>, views: &[View<'_>], scratch: &mut Scratch) -> usize {
    let run = |view: &View<'_>| engine.run(&view.event(), scratch, |_| ()).expect("no fault") as usize;
    views.iter().map(run).sum()
}

fn decode_and_match(
    engine: &Engine<'_>,
    lines: &Arc<[u8]>,
    typing: &Typing<'_>,
    scratch: &mut Scratch,
) -> usize {
    let mut matches = 0;
    read(lines, typing, |event| {
        matches += engine.run(event, scratch, |_| ()).expect("no fault") as usize;
    });
    matches
}

fn count(events: &[(u64, Value)], run: impl Fn(&u64, &Value) -> Vec<EvaluationResult>) -> usize {
    events.iter().map(|(id, event)| run(id, event).len()).sum()
}

fn decode_and_count(events: &[(u64, String)], run: impl Fn(&u64, &Value) -> Vec<EvaluationResult>) -> usize {
    let one = |(id, text): &(u64, String)| run(id, &serde_json::from_str(text).expect("an event")).len();
    events.iter().map(one).sum()
}

/// Prints what the engines do not agree on: each rule with the numbers of events that one of them alone says it matches.
fn differences(name: &str, ours: &[Vec<String>], theirs: &[Vec<String>]) {
    let mut rules: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (ours, theirs) in ours.iter().zip(theirs) {
        for id in ours.iter().filter(|id| !theirs.contains(id)) {
            rules.entry(id).or_default()[0] += 1;
        }
        for id in theirs.iter().filter(|id| !ours.contains(id)) {
            rules.entry(id).or_default()[1] += 1;
        }
    }
    println!("{name}: {} rules match other events", rules.len());
    for (rule, [ours, theirs]) in rules {
        println!("    {rule}: {ours} by this engine alone, {theirs} by rsigma alone");
    }
}

fn main() {
    let lines = lines().expect("the recorded events");
    let every: usize = std::env::args().nth(1).map_or(1, |every| every.parse().expect("a number"));
    let all = content();
    let sources: Vec<_> = all.sources.iter().step_by(every).cloned().collect();
    let bytes = build(&sources, &all.templates, &all.contract);
    let file = parse(&bytes).expect("accepted");
    let engine = Engine::new(&file, &all.contract);
    let few: Vec<_> = sources.iter().step_by(NINTH).cloned().collect();
    let few = build(&few, &all.templates, &all.contract);
    let few = parse(&few).expect("accepted");
    let few = Engine::new(&few, &all.contract);
    let typing = Typing::new(&all.contract);
    let [mut first, mut second, mut third, mut fourth] = std::array::from_fn(|_| Scratch::default());
    let records = records(&lines, &typing);
    let views: Vec<_> = records.iter().map(Record::view).collect();
    let text = std::str::from_utf8(&lines).expect("text");
    let flats: Vec<(u64, String)> = text.lines().map(flat).collect();
    let value = |(id, text): &(u64, String)| (*id, serde_json::from_str(text).expect("an event"));
    let values: Vec<(u64, Value)> = flats.iter().map(value).collect();
    let told: BTreeMap<u64, LogSource> = ALL.iter().map(|id| (*id, event(*id))).collect();
    let both: BTreeSet<&str> = file.detections().filter_map(|one| one.id()).collect();
    let [events, piped] = [Told::Events, Told::Pipeline].map(|told| rsigma(&sources, &both, told));
    let by_event =
        |id: &u64, event: &Value| events.evaluate_with_logsource(&JsonEvent::borrow(event), &told[id]);
    let by_pipeline = |_: &u64, event: &Value| piped.evaluate(&JsonEvent::borrow(event));
    let ours = views.iter().map(|view| {
        let mut ids = Vec::new();
        let matched = |one: &Detection<'_>| ids.push(one.id().unwrap_or_default().to_owned());
        engine.run(&view.event(), &mut first, matched).expect("no fault");
        ids
    });
    let ours: Vec<Vec<String>> = ours.collect();
    let theirs = |run: &dyn Fn(&u64, &Value) -> Vec<EvaluationResult>| -> Vec<Vec<String>> {
        let ids = |all: Vec<EvaluationResult>| all.into_iter().filter_map(|one| one.header.rule_id).collect();
        values.iter().map(|(id, value)| ids(run(id, value))).collect()
    };
    differences("told the events of a rule", &ours, &theirs(&by_event));
    differences("its pipeline for Sysmon", &ours, &theirs(&by_pipeline));
    let line = |name, beside, run| Line { name, beside, run, seconds: f64::MAX, matches: 0 };
    let mut table: Vec<Line<'_>> = vec![
        line("match: this engine", 0, Box::new(|| matches(&engine, &views, &mut first))),
        line("match: rsigma, told the events of a rule", 0, Box::new(|| count(&values, by_event))),
        line("match: rsigma, its pipeline for Sysmon", 0, Box::new(|| count(&values, by_pipeline))),
        line(
            "decode and match: this engine",
            3,
            Box::new(|| decode_and_match(&engine, &lines, &typing, &mut second)),
        ),
        line(
            "decode and match: rsigma, told the events of a rule",
            3,
            Box::new(|| decode_and_count(&flats, by_event)),
        ),
        line("match: this engine, a ninth of these rules", 0, Box::new(|| matches(&few, &views, &mut third))),
        line(
            "decode and match: this engine, a ninth of these rules",
            3,
            Box::new(|| decode_and_match(&few, &lines, &typing, &mut fourth)),
        ),
    ];
    if let Some(only) = std::env::args().nth(2) {
        let only: usize = only.parse().expect("a line of the table, from 0");
        return round(&mut table[only]);
    }
    for _ in 0..7 {
        table.iter_mut().for_each(round);
    }
    println!("{} events, {} rules, {} of them run", views.len(), sources.len(), both.len());
    let seconds = table.iter().map(|line| line.seconds).collect::<Vec<_>>();
    for line in &table {
        let beside = seconds[line.beside];
        let each = line.seconds / views.len() as f64;
        println!(
            "{:56} {:9.0} ns  {:9.0} events/s  x{:<6.2} {} matches",
            line.name,
            each * 1e9,
            1.0 / each,
            line.seconds / beside,
            line.matches
        );
    }
}
