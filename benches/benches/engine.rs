//! The engine on recorded events with all public Windows rules of Sigma, and with every ninth of them. `README.md` keeps the
//! ratios; `peers` times another engine beside it.

use channel_benches::events::{lines, read, records};
use channel_benches::{build, content};
use channel_gate::Record;
use channel_gate::events::Typing;
use channel_interpreter::{Engine, Scratch};
use channel_parser::channel::parse;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

fn benches(c: &mut Criterion) {
    let Some(lines) = lines() else {
        println!("not run: the recorded events are absent");
        return;
    };
    let content = content();
    let contract = &content.contract;
    let typing = Typing::new(contract);
    let records = records(&lines, &typing);
    let views: Vec<_> = records.iter().map(Record::view).collect();
    let some: Vec<_> = content.sources.iter().step_by(9).cloned().collect();
    let some = (some.len(), build(&some, &content.templates, contract));
    let mut group = c.benchmark_group("event");
    group.sample_size(10);
    group.throughput(Throughput::Elements(views.len() as u64));
    group.bench_function("decode", |b| {
        b.iter(|| {
            let mut inputs = 0;
            read(&lines, &typing, |event| inputs += event.inputs.len());
            inputs
        })
    });
    for (rules, bytes) in [(content.sources.len(), content.bytes), some] {
        let file = parse(&bytes).expect("accepted");
        let engine = Engine::new(&file, contract);
        let mut scratch = Scratch::default();
        let mut run = || {
            let one = |view: &channel_gate::View<'_>| {
                engine.run(&view.event(), &mut scratch, |_| ()).expect("no fault")
            };
            views.iter().map(one).sum::<u32>()
        };
        println!("{} events, {rules} rules: {} matches", views.len(), run());
        group.bench_function(format!("match, {rules} rules"), |b| b.iter(&mut run));
        group.bench_function(format!("decode and match, {rules} rules"), |b| {
            b.iter(|| {
                let mut matches = 0;
                read(&lines, &typing, |event| {
                    matches += engine.run(event, &mut scratch, |_| ()).expect("no fault");
                });
                matches
            })
        });
        group.bench_function(format!("make ready, {rules} rules"), |b| {
            b.iter(|| black_box(Engine::new(&file, contract)))
        });
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
