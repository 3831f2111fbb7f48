//! Fuzzing what a release changes: what is new and only that is edited, July's content and its sensor hold, and a sensor that
//! is not what its contract says is found out with a small file and one event.

mod trusting;

use channel_contract::{Contract, toml};
use channel_gate::consumer::{Answers, Consumer, Failure, Setup};
use channel_gate::neighbours::{Campaign, Changed, Outcome};
use channel_gate::rules::consumer::consumer_crash;
use channel_gate::{OwnedInput, Record};
use channel_parser::channel::{self, encode};
use channel_parser::draft::Draft;
use channel_parser::model::view::Content;
use channel_parser::model::{TypeId, TypeIndex};
use channel_parser::sysmon;
use channel_smith::{Config, Seed, generate};
use channel_validators::{Code, Made, Member, Subject, Verdict, judge};
use std::fs;
use trusting::{Build, root, sensor, setup};

fn july(name: &str) -> Vec<u8> {
    fs::read(root().join("corpus/incidents/channel-file-291").join(name)).unwrap()
}

fn revision(revision: u32) -> Vec<u8> {
    july(&format!("C-00000291-00000000-{revision:08}.sys"))
}

fn member(version: &str) -> Member {
    let text = String::from_utf8(july(&format!("sensor-{version}.toml"))).unwrap();
    Member { origin: version.into(), sha256: version.into(), contract: toml::parse(&text).unwrap() }
}

fn changed(file: &[u8], baseline: Option<&[u8]>) -> Changed {
    let parse = |bytes| Content::parse(bytes).unwrap();
    Changed::of(&parse(file), baseline.map(parse).as_ref())
}

fn campaign<'a>(
    changed: &'a Changed,
    fleet: &'a [Member],
    consumer: Option<&'a Setup>,
    count: u64,
) -> Campaign<'a> {
    let (seed, first, time, made, jobs) = (7, 0, None, Made::default(), 2);
    Campaign { changed, fleet, consumer, made, seed, first, count: Some(count), time, jobs }
}

fn run(campaign: &Campaign<'_>) -> Outcome {
    campaign.run(&mut |_| {})
}

#[test]
fn content_near_to_that_before_july_never_faults_and_field_21_is_refused() {
    let (old, fleet) = (revision(32), [member("7.11")]);
    let changed = changed(&old, None);
    let Outcome { tally, found, .. } = run(&campaign(&changed, &fleet, None, 1000));
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(tally.neighbours + tally.unwritten, 1000);
    assert_eq!(tally.accepted + tally.refused + tally.unjudged, tally.neighbours);
    assert!(tally.accepted > 300 && tally.events > 1000, "{tally:?}");
    assert!(tally.refusals[&Code(301)].neighbours > 50, "{tally:?}");
}

#[test]
fn only_records_that_the_baseline_has_not_are_edited() {
    assert_eq!(changed(&revision(33), Some(&revision(32))).len(), 2);
    assert_eq!(changed(&revision(32), Some(&revision(33))).len(), 0);
    let sensors = ["example.toml", "windows/sensor.toml"].map(|name| {
        toml::parse(&fs::read_to_string(root().join("corpus/contracts").join(name)).unwrap()).unwrap()
    });
    let mut compared = 0;
    for seed in 0..200 {
        let config = Config { detections: 9, ..Config::default() };
        let contract = &sensors[seed as usize % 2];
        let Some(new) = generate::content(&mut Seed::new(seed).choices(), contract, &config).unwrap() else {
            continue;
        };
        // What the release before it lacks, and some detections in another order on other rows of template types.
        let mut old = new.clone();
        let removed = new.detections.len().div_ceil(2);
        old.detections.drain(..removed);
        old.detections.reverse();
        if without_first_type(&mut old) {
            compared += 1;
        }
        let (new, old) = (encode(&new).unwrap(), encode(&old).unwrap());
        assert_eq!(changed(&new, Some(&old)).len(), removed);
        assert_eq!(changed(&new, Some(&new)).len(), 0);
    }
    assert!(compared > 20, "{compared}");
}

/// Leaves out the first template type if nothing is for it.
fn without_first_type(draft: &mut Draft) -> bool {
    let mut all: Vec<_> =
        draft.detections.iter_mut().flat_map(|one| one.include.iter_mut().chain(&mut one.exclude)).collect();
    if all.is_empty() || all.iter().any(|one| one.template == TypeIndex(0)) {
        return false;
    }
    all.iter_mut().for_each(|one| one.template.0 -= 1);
    draft.types.remove(0);
    true
}

#[test]
fn rules_of_a_blob_are_told_apart_by_what_they_say() {
    let path = root().join("corpus/sysmon");
    let mut blobs: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    blobs.retain(|path| path.extension().is_some_and(|ending| ending == "bin"));
    assert!(blobs.len() > 5);
    for path in blobs {
        let bytes = fs::read(&path).unwrap();
        let all = changed(&bytes, None).len();
        assert_eq!(changed(&bytes, Some(&bytes)).len(), 0);
        let mut draft = sysmon::parse(&bytes).unwrap().draft();
        // Other numbers of groups are no change; a filter that is there no more is one, of what it was in.
        let Some(event) = draft.events.iter_mut().find(|event| !event.items.is_empty()) else { continue };
        event.items.remove(0);
        let groups = draft.events.iter().flat_map(|event| &event.items);
        draft.unlisted &= groups.clone().any(|item| matches!(item, sysmon::draft::Item::Group(_)));
        let old = sysmon::encode(&draft).unwrap();
        let new = changed(&bytes, Some(&old)).len();
        assert!(new <= 1 && new <= all, "{}: {new} of {all}", path.display());
    }
}

#[test]
fn what_is_found_does_not_depend_on_threads() {
    let (old, fleet) = (revision(33), [member("7.11"), member("7.15")]);
    let changed = changed(&old, Some(&revision(32)));
    let told = |jobs, first, count| {
        let campaign = Campaign { jobs, first, ..campaign(&changed, &fleet, None, count) };
        serde_json::to_value(run(&campaign).tally).unwrap()
    };
    let one = told(1, 0, 300);
    assert_eq!(told(3, 0, 300), one);
    let halves = [told(2, 0, 100), told(2, 100, 200)];
    let sum = |what: &str| halves.iter().map(|half| half[what].as_u64().unwrap()).sum::<u64>();
    for what in ["neighbours", "accepted", "refused", "events"] {
        assert_eq!(sum(what), one[what].as_u64().unwrap(), "{what}");
    }
}

#[test]
fn rule_blobs_are_fuzzed_too() {
    let bytes = fs::read(root().join("corpus/sysmon/operators.bin")).unwrap();
    let fleet: Vec<Member> = channel_contract::sysmon::schemas()
        .map(|contract| Member {
            origin: contract.label(),
            sha256: contract.label(),
            contract: contract.clone(),
        })
        .collect();
    let changed = changed(&bytes, None);
    let newest = fleet.len() - 1;
    let Outcome { tally, found, .. } = run(&campaign(&changed, &fleet[newest..], None, 500));
    assert!(found.is_empty(), "{found:?}");
    assert!(tally.accepted > 20 && tally.events > 100, "{tally:?}");
}

/// July's own sensor: it trusts its content, and supplies 20 of 21.
#[test]
fn what_passes_for_july_does_not_kill_its_sensor_and_what_is_refused_does() {
    let Some(built) = sensor(Build::Memory) else { return };
    let (old, fleet, folder) = (revision(32), [member("7.11")], tempfile::tempdir().unwrap());
    let setup = setup(built, &fleet[0].contract, folder.path());
    let changed = changed(&old, None);
    let Outcome { tally, found, .. } = run(&campaign(&changed, &fleet, Some(&setup), 256));
    assert!(found.is_empty(), "{found:?}");
    assert!(tally.agreed > 50 && tally.answers > 500, "{tally:?}");
    let past_inputs = tally.refusals[&Code(301)];
    assert!(past_inputs.given > past_inputs.lived, "{tally:?}");
}

/// The same sensor under a contract that says 21: the validator believes it, and the consumer shows what it is.
#[test]
fn a_sensor_that_supplies_less_than_its_contract_says_is_found_out() {
    let Some(built) = sensor(Build::Memory) else { return };
    let (old, fleet, folder) = (revision(32), [member("7.15")], tempfile::tempdir().unwrap());
    let truth: Contract = member("7.11").contract;
    let setup = setup(built, &truth, folder.path());
    let changed = changed(&old, None);
    let Outcome { found, .. } = run(&campaign(&changed, &fleet, Some(&setup), 64));
    let crash = found.iter().find(|found| found.code == Some(consumer_crash::RULE.code)).unwrap();
    assert!(crash.repeated && crash.what.contains("AddressSanitizer"), "{crash:?}");
    assert!(crash.smallest.len() < crash.neighbour.len() && crash.events.len() == 1, "{crash:?}");
    assert_eq!(judge(&Subject::read("", &crash.smallest), &fleet).verdict, Verdict::Pass);
    // One instance, one criterion: the one on field 21.
    let file = channel::parse(&crash.smallest).unwrap();
    let looked_at: Vec<_> = file
        .instances()
        .flat_map(|instance| instance.criteria())
        .filter(|criterion| !criterion.is_wildcard())
        .map(|criterion| criterion.field().0)
        .collect();
    assert_eq!(looked_at, [20]);
    // And it dies of that file on an event of that type, whatever the inputs are.
    let mut consumer = Consumer::spawn(&setup).unwrap();
    consumer.load("C-00000291-00000000-00000032.sys", &crash.smallest, Answers::Matches(1)).unwrap();
    let event: serde_json::Value = serde_json::from_str(&crash.events[0]).unwrap();
    let inputs = event["inputs"].as_array().unwrap().iter().map(|input| match input {
        serde_json::Value::String(text) => Some(OwnedInput::Text(text.clone())),
        serde_json::Value::Number(n) => Some(OwnedInput::Integer(n.as_i64().unwrap())),
        _ => None,
    });
    let record = Record { template: TypeId(7), inputs: inputs.collect() };
    assert!(matches!(consumer.event(&record), Err(Failure::Died { .. })));
}

/// Rule blobs on an interpreter that shares no line with ours.
#[test]
fn neighbours_of_rules_are_the_same_for_another_reading() {
    let python = std::process::Command::new("python3").args(["-c", "import tomllib"]).output();
    if !python.is_ok_and(|output| output.status.success()) {
        return trusting::not_run(format_args!(
            "not run: rule blobs on another reading, for there is no python3"
        ));
    }
    let corpus = root().join("corpus");
    let (contract, folder) =
        (channel_contract::sysmon::schemas().last().unwrap(), tempfile::tempdir().unwrap());
    let told = folder.path().join("contract.toml");
    fs::write(&told, toml::print(contract)).unwrap();
    let program = corpus.join("consumers/blobs/blobs.py");
    let setup = Setup::new(["python3".as_ref(), program.as_os_str(), told.as_os_str()]);
    let label = contract.label();
    let fleet = [Member { origin: label.clone(), sha256: label, contract: contract.clone() }];
    let changed = changed(&fs::read(corpus.join("sysmon/operators.bin")).unwrap(), None);
    let Outcome { tally, found, .. } = run(&campaign(&changed, &fleet, Some(&setup), 256));
    assert!(found.is_empty(), "{found:?}");
    assert!(tally.agreed > 100 && tally.agreed == tally.accepted, "{tally:?}");
}
