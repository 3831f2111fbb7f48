//! Oracles of the gate: it never has to contradict its judge, what it shows can be run again, and recordings are read as
//! the contract says.

use crate::{one_line, sensors};
use channel_contract::{Contract, sysmon};
use channel_gate::Record;
use channel_gate::events::{EventFile, Handed, Loose, Replay, Typing};
use channel_interpreter::Scratch;
use channel_validators::{Finding, Member, Shown, Subject, Witness};
use std::io::Cursor;
use std::sync::LazyLock;

/// What is longer takes longer to execute than it tells.
const LONGEST: usize = 1 << 16;

/// The rules by which the gate says that judge and executor contradict each other.
const ALARMS: [&str; 3] = ["CG601", "CG603", "CG604"];

/// The sensors that content is generated for, and Sysmon with the fewest and with the most events.
static FLEET: LazyLock<Vec<Member>> = LazyLock::new(|| {
    let schemas: Vec<&Contract> = sysmon::schemas().collect();
    let ends = schemas.first().into_iter().chain(schemas.last());
    let member = |contract: &Contract| Member {
        origin: contract.label(),
        sha256: String::new(),
        contract: contract.clone(),
    };
    sensors().iter().cloned().chain(ends.map(|contract| member(contract))).collect()
});

/// What the judge says and what execution shows never contradict each other, for channel files and for rule blobs. And a
/// witness is one: its event, written as a line of an event file, read again and run, brings that fault about.
pub fn witness_is_one(bytes: &[u8]) {
    if bytes.len() > LONGEST {
        return;
    }
    let subject = Subject::read("input", bytes);
    for sensor in FLEET.iter() {
        let judgement = channel_gate::judge(&subject, std::slice::from_ref(sensor));
        for finding in &judgement.findings {
            let alarm = ALARMS.contains(&finding.code.to_string().as_str());
            assert!(!alarm, "judge and executor contradict each other for {}: {finding:#?}", sensor.origin);
            finding.witness.iter().for_each(|witness| one_line(witness));
            if let Some(Witness::Event { event, fault }) = &finding.witness {
                let line = serde_json::to_string(event).expect("an event is JSON");
                runs(&subject, sensor, &line, fault, finding);
            }
        }
    }
}

fn runs(subject: &Subject<'_>, sensor: &Member, line: &str, fault: &Shown, finding: &Finding) {
    let Some(replay) = Replay::new(subject, &sensor.contract) else { return };
    let taken = read(line.as_bytes(), &Typing::new(&sensor.contract));
    let [Taken::Event(record, loose)] = taken.as_slice() else {
        panic!("a witness is no event of {}: {line}: {taken:#?}", sensor.origin)
    };
    assert!(loose.is_empty(), "a witness is not as {} has it: {line}: {loose:#?}", sensor.origin);
    let seen = replay.run(&record.view().event(), &mut Scratch::default());
    let met = seen.fault.as_ref().map(|met| (met.kind.word(), met.path.to_string()));
    let shown = Some((fault.kind, fault.path.clone()));
    assert_eq!(met, shown, "{line} does not do on {} what is said of it: {finding:#?}", sensor.origin);
}

/// What became of one line or record, kept.
#[derive(Debug, PartialEq)]
enum Taken {
    Event(Record, Vec<Loose>),
    Elsewhere,
    Unread(String),
}

/// All that is read from the first pieces of an event file.
fn read(bytes: &[u8], typing: &Typing<'_>) -> Vec<Taken> {
    let mut all = Vec::new();
    if let Ok(mut file) = EventFile::open(Cursor::new(bytes.to_vec())) {
        for batch in std::iter::from_fn(|| file.batch()).take(4) {
            batch.read(typing, &mut |_, handed| {
                all.push(match handed {
                    Handed::Event(event, loose) => Taken::Event(Record::from(event), loose),
                    Handed::Elsewhere(_) => Taken::Elsewhere,
                    Handed::Unread(why) => Taken::Unread(why),
                });
            });
        }
    }
    all
}

/// The same of bytes that are lines, whatever they begin with.
fn lines(bytes: &[u8], typing: &Typing<'_>) -> Vec<Taken> {
    read(&[b"\n", bytes].concat(), typing)
}

/// An event that is read from a recording has what the sensor of the contract supplies: as many inputs, of these types, none
/// absent that always comes, no text longer than it hands over. Written as a line and read again it is the same; it is the
/// same without the lines before it; and by the reader that is there for lines out of the ordinary. What is not read has a
/// reason.
pub fn recorded_events(bytes: &[u8]) {
    for sensor in FLEET.iter() {
        let typing = Typing::new(&sensor.contract);
        let mut alone = Vec::new();
        for line in bytes.split(|byte| *byte == b'\n') {
            let taken = lines(line, &typing);
            if let ([Taken::Event(..)], Some(unusual)) = (taken.as_slice(), unusual(line)) {
                assert_eq!(read(&unusual, &typing), taken, "the two readers of lines do not agree");
            }
            alone.extend(taken);
        }
        assert_eq!(lines(bytes, &typing), alone, "a line is not read as it is alone");
        for taken in read(bytes, &typing) {
            match taken {
                Taken::Event(record, _) => {
                    supplied(&record, &sensor.contract);
                    let again = read(record.to_json().as_bytes(), &typing);
                    assert_eq!(again, [Taken::Event(record, Vec::new())], "not the same when read again");
                }
                Taken::Unread(why) => assert!(!why.is_empty(), "not read, without a reason"),
                Taken::Elsewhere => {}
            }
        }
    }
}

/// The same event in a line that has something of no account in it, for which the quick reader does not stay.
fn unusual(line: &[u8]) -> Option<Vec<u8>> {
    let has = |bytes: &[u8]| line.windows(bytes.len()).any(|part| part == bytes);
    let members = line.trim_ascii().strip_prefix(b"{")?;
    // It must not come twice, however its name is written.
    (!has(b"\"Event\"") && !has(b"\\u")).then(|| [b"{\"Event\":null,", members].concat())
}

fn supplied(record: &Record, contract: &Contract) {
    let template = contract.template(record.template).expect("an event of a template type of the sensor");
    assert_eq!(record.inputs.len() as u64, u64::from(template.supplied), "{record:?}");
    for (field, input) in template.fields.iter().zip(record.view().event().inputs) {
        let Some(input) = input else {
            assert!(field.nullable, "{} is absent", field.name);
            continue;
        };
        assert_eq!(input.input_type(), field.input, "{}: {input:?}", field.name);
        if let channel_interpreter::Input::Text(text) = input {
            assert!(text.len() as u64 <= u64::from(field.max_bytes), "{}: {} bytes", field.name, text.len());
        }
    }
}
