//! The engine beside rsigma, the fastest other one: the same rules and events, in turns, on one core. Each line of the table
//! is the best of several rounds, so that what else the machine does weighs on all alike.

use channel_benches::events::{Decoder, lines};
use channel_benches::{build, content};
use channel_gate::Record;
use channel_interpreter::{Engine, Scratch};
use channel_parser::channel::parse;
use rsigma_eval::{Engine as Rsigma, JsonEvent};
use rsigma_parser::{LogSource, parse_sigma_yaml};
use serde_json::{Value, json};
use std::time::Instant;

/// Sigma's category of each Sysmon event that has one.
const CATEGORIES: [(u64, &str); 25] = [
    (1, "process_creation"),
    (2, "file_change"),
    (3, "network_connection"),
    (5, "process_termination"),
    (6, "driver_load"),
    (7, "image_load"),
    (8, "create_remote_thread"),
    (9, "raw_access_thread"),
    (10, "process_access"),
    (11, "file_event"),
    (12, "registry_event"),
    (13, "registry_set"),
    (14, "registry_rename"),
    (15, "create_stream_hash"),
    (17, "pipe_created"),
    (18, "pipe_created"),
    (19, "wmi_event"),
    (20, "wmi_event"),
    (21, "wmi_event"),
    (22, "dns_query"),
    (23, "file_delete"),
    (24, "clipboard_capture"),
    (25, "process_tampering"),
    (26, "file_delete"),
    (28, "file_block_shredding"),
];

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

fn rsigma(sources: &[channel_sources::SourceFile], sysmon: bool) -> Rsigma {
    let mut engine = Rsigma::new();
    if sysmon {
        engine.add_pipeline(rsigma_eval::resolve_builtin_pipeline("sysmon").expect("known").expect("read"));
    }
    let mut rules = Vec::new();
    for source in sources {
        let text = std::str::from_utf8(&source.bytes).expect("text");
        rules.extend(parse_sigma_yaml(text).expect("a rule").rules);
    }
    let refused = engine.add_rules(&rules).len();
    println!("rsigma: {} rules, {refused} refused", engine.rule_count());
    engine
}

/// The least seconds of some rounds, and what it counts.
struct Line<'a> {
    name: &'static str,
    run: Box<dyn FnMut() -> usize + 'a>,
    seconds: f64,
    matches: usize,
}

fn main() {
    let lines = lines().expect("the recorded events");
    let every: usize = std::env::args().nth(1).map_or(1, |every| every.parse().expect("a number"));
    let all = content();
    let sources: Vec<_> = all.sources.iter().step_by(every).cloned().collect();
    let bytes = build(&sources, &all.templates, &all.contract);
    let file = parse(&bytes).expect("accepted");
    let engine = Engine::new(&file, &all.contract);
    let (mut decoder, mut first, mut second) =
        (Decoder::new(&all.contract), Scratch::default(), Scratch::default());
    let records: Vec<Record> = lines
        .lines()
        .map(|line| decoder.decode(line, |event| Record::from(event)).expect("an event"))
        .collect();
    let views: Vec<_> = records.iter().map(Record::view).collect();
    let flats: Vec<(u64, String)> = lines.lines().map(flat).collect();
    let source = |id| LogSource {
        product: Some("windows".into()),
        category: CATEGORIES.iter().find(|(of, _)| *of == id).map(|(_, category)| (*category).to_owned()),
        ..LogSource::default()
    };
    let values: Vec<(LogSource, Value)> =
        flats.iter().map(|(id, text)| (source(*id), serde_json::from_str(text).expect("an event"))).collect();
    let (routed, piped) = (rsigma(&sources, false), rsigma(&sources, true));
    let line = |name, run| Line { name, run, seconds: f64::MAX, matches: 0 };
    let mut table: Vec<Line<'_>> = vec![
        line(
            "match: this engine",
            Box::new(|| {
                views
                    .iter()
                    .map(|view| engine.run(&view.event(), &mut first, |_| ()).expect("no fault") as usize)
                    .sum()
            }),
        ),
        line(
            "match: rsigma, routed by log source",
            Box::new(|| {
                values
                    .iter()
                    .map(|(source, value)| {
                        routed.evaluate_with_logsource(&JsonEvent::borrow(value), source).len()
                    })
                    .sum()
            }),
        ),
        line(
            "match: rsigma, pipeline sysmon",
            Box::new(|| {
                values.iter().map(|(_, value)| piped.evaluate(&JsonEvent::borrow(value)).len()).sum()
            }),
        ),
        line(
            "decode and match: this engine",
            Box::new(|| {
                let one = |line| {
                    decoder.decode(line, |event| engine.run(event, &mut second, |_| ()).expect("no fault"))
                };
                lines.lines().filter_map(one).map(|n| n as usize).sum()
            }),
        ),
        line(
            "decode and match: rsigma, routed by log source",
            Box::new(|| {
                let one = |((_, text), (source, _)): (&(u64, String), &(LogSource, Value))| {
                    let value: Value = serde_json::from_str(text).expect("an event");
                    routed.evaluate_with_logsource(&JsonEvent::borrow(&value), source).len()
                };
                flats.iter().zip(&values).map(one).sum()
            }),
        ),
    ];
    for _ in 0..7 {
        for line in &mut table {
            let start = Instant::now();
            line.matches = (line.run)();
            line.seconds = line.seconds.min(start.elapsed().as_secs_f64());
        }
    }
    println!("{} events, {} rules", views.len(), sources.len());
    let ours = table.iter().map(|line| line.seconds).collect::<Vec<_>>();
    for (n, line) in table.iter().enumerate() {
        let beside = if n < 3 { ours[0] } else { ours[3] };
        let each = line.seconds / views.len() as f64;
        println!(
            "{:48} {:9.0} ns  {:9.0} events/s  x{:<6.1} {} matches",
            line.name,
            each * 1e9,
            1.0 / each,
            line.seconds / beside,
            line.matches
        );
    }
}
