//! What the tests of the trusting sensor share: how it is built, how it is told its contract, and which faults kill it.
//! The last is the table of `corpus/consumers/trusting/README.md`.
#![allow(dead_code, reason = "each test uses a part")]

pub mod many;

use channel_contract::testing::{Built, Case, Unbuilt, compile};
use channel_contract::{Contract, Width};
use channel_gate::Record;
use channel_gate::consumer::{Limits, Setup};
use channel_interpreter::{Fault, FaultKind};
use channel_parser::channel::{ChannelFile, Pattern};
use channel_parser::model::{InputType, Operator};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a build of the sensor dies of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// A wrong access to memory: the address sanitizer.
    Memory,
    /// A number that its store cuts: the checks of clang for conversions, which need no library.
    Numbers,
    /// As `Memory`, but it says so and goes on: `many.c`.
    Many,
}

const MEMORY: &[Case] = &[
    Case {
        name: "trusting sensor",
        steps: &["cc -std=c11 -O1 {c} -fsanitize=address,undefined -fno-sanitize-recover=all {src} -o {out}"],
    },
    Case {
        name: "trusting sensor, clang",
        steps: &[
            "clang-19 -std=c11 -O1 {c} -fsanitize=address,undefined -fno-sanitize-recover=all {src} -o {out}",
        ],
    },
];

const NUMBERS: &[Case] = &[
    Case {
        name: "trusting sensor that does not cut numbers",
        steps: &[
            "clang-19 -std=c11 -O1 {c} -fsanitize=implicit-conversion -fsanitize-trap=all {src} -o {out}",
        ],
    },
    Case {
        name: "trusting sensor that does not cut numbers, any clang",
        steps: &["clang -std=c11 -O1 {c} -fsanitize=implicit-conversion -fsanitize-trap=all {src} -o {out}"],
    },
];

const MANY: &[Case] = &[Case {
    name: "trusting sensor with many contracts",
    steps: &[
        "cc -std=c11 -O1 {c} -fsanitize=address,undefined -fsanitize-undefined-trap-on-error {src} -o {out}",
    ],
}];

/// A compiled sensor; `None`, said on standard error, where no compiler can build it.
pub fn sensor(build: Build) -> Option<&'static Built> {
    static BUILT: [OnceLock<Option<Built>>; 3] = [const { OnceLock::new() }; 3];
    let (at, cases, source) = match build {
        Build::Memory => (0, MEMORY, "trusting.c"),
        Build::Numbers => (1, NUMBERS, "trusting.c"),
        Build::Many => (2, MANY, "many.c"),
    };
    let make = || {
        let source = root().join("corpus/consumers/trusting").join(source).display().to_string();
        let mut why = Vec::new();
        for case in cases {
            match compile(case, &source, &[]) {
                Ok(built) => return Some(built),
                Err(Unbuilt::Absent(tool)) => why.push(format!("there is no {tool}")),
                // A compiler without the library of the sanitizer.
                Err(Unbuilt::Failed(output)) if output.contains("asan") => {
                    why.push(case.name.to_owned() + ": no sanitizer")
                }
                Err(Unbuilt::Failed(output)) => panic!("{output}"),
            }
        }
        not_run(format_args!("not run: the trusting sensor ({build:?}), for {}", why.join(", ")));
        None
    };
    BUILT[at].get_or_init(make).as_ref()
}

/// Says what did not run, past the capture of the test runner: one who runs the tests must see it.
pub fn not_run(what: std::fmt::Arguments<'_>) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "\n{what}");
}

/// The sensor with this contract, in a file that lives as long as the folder.
pub fn setup(sensor: &Built, contract: &Contract, folder: &Path) -> Setup {
    let path = folder.join("contract");
    std::fs::write(&path, told(contract)).expect("a temporary file");
    let limits = Limits { total: Duration::from_secs(3600), ..Limits::default() };
    Setup { limits, ..Setup::new([sensor.path.as_os_str(), path.as_os_str()]) }
}

/// A contract as `corpus/consumers/trusting/contract.h` reads it.
pub fn told(contract: &Contract) -> String {
    let limits = &contract.limits;
    let mut out = format!(
        "{} {} {} {} {} {} {}",
        contract.operators.bits(),
        limits.file_bytes,
        limits.detections,
        limits.instances,
        limits.clauses_per_criterion,
        limits.patterns_per_clause,
        limits.operand_bytes
    );
    limits.widths.to_array().map(Width::bits).iter().for_each(|bits| write!(out, " {bits}").unwrap());
    for template in &contract.types {
        let (id, revision, channel) = (template.id.0, template.revision.0, template.channel.0);
        let (cap, supplied, defined) = (template.instance_cap, template.supplied, template.defined());
        write!(out, "\ntype {id} {revision} {channel} {cap} {supplied} {defined}").unwrap();
        for field in &template.fields {
            let null = if field.nullable { "nullable" } else { "required" };
            write!(out, "\nfield {} {null}", field.input.word()).unwrap();
        }
    }
    out + "\n"
}

/// What a fault does to a build of the sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It dies there.
    Dies,
    /// It goes on as if nothing were.
    Lives,
    /// One or the other, by what follows.
    Either,
}

/// What a fault of loading does.
pub fn fate_on_loading(fault: &Fault, build: Build) -> Fate {
    match (fault.kind, build) {
        (FaultKind::AnotherField, _) => Fate::Lives,
        // It counts the criteria of instances, and not the fields that a file declares.
        (FaultKind::FieldCount, _) if !fault.path.steps().any(|(step, _)| step == "instances") => Fate::Lives,
        // It has no automata of ours.
        (FaultKind::Capacity, _) if fault.path == channel_parser::Path::of("patterns") => Fate::Lives,
        (FaultKind::Width, Build::Numbers) => Fate::Dies,
        // A count that is cut leaves rows out; an id that is cut is another.
        (FaultKind::Width, _) => Fate::Either,
        // Without the sanitizer what lies past the room is overwritten, and that shows later or never.
        (_, Build::Numbers) => Fate::Either,
        (_, Build::Memory | Build::Many) => Fate::Dies,
    }
}

/// What a fault on an event does to the build that watches memory.
pub fn fate(fault: &Fault, file: &ChannelFile<'_>, contract: &Contract, event: &Record) -> Fate {
    let is_absent = || {
        let (_, field) = pattern(fault, file).expect("a fault of a pattern");
        event.inputs.get(field as usize).is_some_and(Option::is_none)
    };
    match fault.kind {
        FaultKind::PastInputs | FaultKind::Null | FaultKind::Counter => Fate::Dies,
        // An absent input is not looked at.
        FaultKind::Operator | FaultKind::Type if is_absent() => Fate::Lives,
        FaultKind::Operator => Fate::Dies,
        // A number or an address that is taken for a pointer; a pointer that is taken for a number goes unseen.
        FaultKind::Type => {
            let (pattern, _) = pattern(fault, file).expect("a fault of a pattern");
            match pattern.operator().and_then(Operator::reads) {
                Some(InputType::Text) => Fate::Dies,
                _ => Fate::Lives,
            }
        }
        FaultKind::Work => Fate::Lives,
        kind => panic!("{kind:?} on an event of {}", contract.label()),
    }
}

/// The pattern that a fault is about, and its field.
fn pattern<'f>(fault: &Fault, file: &'f ChannelFile<'f>) -> Option<(Pattern<'f>, u32)> {
    let steps: Vec<_> = fault.path.steps().collect();
    let at = |name| steps.iter().find(|(step, _)| *step == name).and_then(|(_, index)| *index);
    let instance = file.instances().nth(at("instances")? as usize)?;
    let criterion = instance.criteria().nth(at("criteria")? as usize)?;
    let clause = criterion.clauses().nth(at("clauses")? as usize)?;
    Some((clause.patterns().nth(at("patterns")? as usize)?, at("criteria")?))
}
