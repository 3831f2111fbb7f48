//! What the tests share: the corpus as files and sensors, and blessed texts.
#![allow(dead_code, reason = "each test uses a part")]

use channel_contract::{Contract, bytes, toml};
use channel_parser::channel::FileName;
use channel_parser::{sysmon, text};
use channel_validators::report::{self, Detail, Look, Report};
use channel_validators::{Judgement, Member, Subject, digest, judge_structure};
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn corpus() -> PathBuf {
    root().join("corpus")
}

pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A contract as a member of a fleet.
pub fn member(origin: &str, contract: Contract) -> Member {
    let sha256 = digest(&bytes::write(&contract).expect("a contract that can be written"));
    Member { origin: origin.to_owned(), sha256, contract }
}

pub fn sensor(path: &Path) -> Member {
    let contract = toml::parse(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    member(&path.file_name().unwrap_or_default().to_string_lossy(), contract)
}

/// The sensors of a fixture: for a rule blob those that it names, else one Sysmon; for a channel file those of its
/// folder, and for a rule without any the example.
pub fn fleet_for(path: &Path) -> Vec<Member> {
    let folder = path.parent().expect("a folder");
    let text = read(path);
    let named = text.lines().find_map(|line| line.strip_prefix("# sensors: "));
    let blob = path.to_string_lossy().ends_with(".blob.txt");
    if let Some(names) = named.or(blob.then_some("sysmon:4.70")) {
        return names.split(", ").flat_map(|name| named_sensors(folder, name)).collect();
    }
    let mut paths = files(folder, ".toml");
    if paths.is_empty() && folder.starts_with(corpus().join("rules")) {
        paths.push(corpus().join("contracts/example.toml"));
    }
    paths.iter().map(|path| sensor(path)).collect()
}

fn named_sensors(folder: &Path, name: &str) -> Vec<Member> {
    match channel_contract::sysmon::named_fleet(name) {
        Some(fleet) => {
            fleet.expect("a known fleet").into_iter().map(|(name, one)| member(&name, one)).collect()
        }
        None => {
            let own = folder.join(name);
            vec![sensor(&if own.exists() { own } else { corpus().join("contracts").join(name) })]
        }
    }
}

/// The name and the bytes that a text form describes.
pub fn assemble(text: &str) -> (String, Vec<u8>) {
    if text.lines().any(|line| line.starts_with("sysmon-rules ")) {
        let bytes = sysmon::assemble(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        return ("rules.bin".into(), bytes);
    }
    let bytes = text::assemble(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let draft = text::parse(text).expect("it was assembled").draft;
    let FileName { channel, part, revision } =
        FileName { channel: draft.channel, part: draft.part, revision: draft.revision };
    let named = text.lines().next().and_then(|line| line.strip_prefix("# file "));
    let name = named.map_or_else(|| FileName { channel, part, revision }.to_string(), str::to_owned);
    (name, bytes)
}

/// The gate's judgement on a fixture for its sensors. A text with a line `# blind: ...` is one of which the validator says
/// nothing about sensors.
pub fn judged(path: &Path) -> (Judgement, Vec<u8>, Vec<Member>) {
    let text = read(path);
    let (name, bytes) = assemble(&text);
    let fleet = fleet_for(path);
    let subject = Subject::read(name, &bytes);
    let blind = fleet.is_empty() || text.lines().any(|line| line.starts_with("# blind:"));
    let mut judgement =
        if blind { judge_structure(&subject) } else { channel_validators::judge(&subject, &fleet) };
    channel_gate::complete(&mut judgement, &subject, &fleet);
    (judgement, bytes, fleet)
}

/// The report for people on one file, as a terminal shows it.
pub fn shown(judgement: &Judgement, bytes: &[u8], fleet: &[Member]) -> String {
    let mut out = Vec::new();
    report::text(judgement, bytes, Detail::Block, Look::default(), &mut out).expect("memory");
    let judgements = std::slice::from_ref(judgement);
    report::summary(&Report { judgements, fleet, ..Report::default() }, Look::default(), &mut out)
        .expect("memory");
    String::from_utf8(out).expect("UTF-8")
}

/// Compares with a blessed text; with `BLESS=1` writes it.
pub fn blessed(path: &Path, found: &str) -> Result<(), String> {
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        fs::write(path, found).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    let first = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
    let line = first.unwrap_or_else(|| expected.lines().count().min(found.lines().count())) + 1;
    let differs = || format!("{} differs from line {line} on (BLESS=1 accepts it):\n{found}", path.display());
    if expected == found { Ok(()) } else { Err(differs()) }
}

/// Every file below a folder whose name ends so, in order.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let below = |path: PathBuf| {
        if path.is_dir() { files(&path, ending) } else { vec![path] }
    };
    let ends = |path: &PathBuf| path.to_string_lossy().ends_with(ending);
    paths.into_iter().flat_map(below).filter(ends).collect()
}

/// Third-party data, which is not part of the project. Says which test did not run where it is absent.
pub fn data(file: &str, test: &str) -> Option<PathBuf> {
    use std::io::Write;
    let folder = std::env::var_os("CONTENTGATE_DATA").map(PathBuf::from);
    let path = folder.unwrap_or_else(|| root().join("../shared/data")).join(file);
    if path.exists() {
        return Some(path);
    }
    // Past the capture of the test runner: one who runs the tests must see it.
    let _ = writeln!(std::io::stderr(), "\n{test} did not run: there is no {}", path.display());
    None
}
