//! Reading, judging and building, beside merely reading the same bytes. Compare the figures of one run with each other
//! only; `README.md` keeps the ratios.

use channel_benches::{blobs, build, content};
use channel_contract::{Contract, sysmon};
use channel_parser::channel::{checksum, parse};
use channel_validators::{Member, Subject, judge};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// Sums the bytes as 64-bit words: what a pass over the file costs at least.
fn read_every_byte(bytes: &[u8]) -> u64 {
    bytes.as_chunks::<8>().0.iter().fold(0, |sum, word| sum ^ u64::from_le_bytes(*word))
}

fn benches(c: &mut Criterion) {
    let content = content();
    let bytes = content.bytes.as_slice();
    let instances = parse(bytes).expect("accepted").instances().len() as u64;
    println!("{}: {} bytes, {instances} instances", content.name, bytes.len());
    let mut group = c.benchmark_group("instance");
    group.throughput(Throughput::Elements(instances));
    group.bench_function("read every byte", |b| b.iter(|| read_every_byte(black_box(bytes))));
    group.bench_function("checksum", |b| b.iter(|| checksum(black_box(bytes))));
    group.bench_function("parse", |b| b.iter(|| parse(black_box(bytes)).is_ok()));
    let fleet =
        [Member { origin: "sensor".into(), sha256: String::new(), contract: content.contract.clone() }];
    group.sample_size(10);
    group.bench_function("judge for one sensor", |b| {
        b.iter(|| judge(&Subject::read("content", black_box(bytes)), &fleet).verdict)
    });
    group.bench_function("build from rules", |b| {
        b.iter(|| build(black_box(&content.sources), &content.templates, &content.contract).len())
    });
    group.finish();
}

/// The two complete public configurations of Sysmon, for every schema version that comes along.
fn schemas(c: &mut Criterion) {
    let blobs = blobs();
    if blobs.is_empty() {
        println!("not run: the public blobs of Sysmon are absent");
        return;
    }
    let member = |contract: &Contract| Member {
        origin: "sysmon".into(),
        sha256: String::new(),
        contract: contract.clone(),
    };
    let fleet: Vec<Member> = sysmon::schemas().map(member).collect();
    let mut group = c.benchmark_group("two configurations");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(blobs.iter().map(|blob| blob.len() as u64).sum()));
    group.bench_function("read every byte", |b| {
        b.iter(|| blobs.iter().map(|blob| read_every_byte(blob)).sum::<u64>())
    });
    group.bench_function("parse", |b| {
        b.iter(|| blobs.iter().all(|blob| channel_parser::sysmon::parse(blob).is_ok()))
    });
    group.bench_function(format!("judge for {} schemas", fleet.len()), |b| {
        b.iter(|| {
            blobs
                .iter()
                .map(|blob| judge(&Subject::read("rules", black_box(blob)), &fleet).findings.len())
                .sum::<usize>()
        })
    });
    group.finish();
}

criterion_group!(all, benches, schemas);
criterion_main!(all);
