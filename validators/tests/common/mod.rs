//! What the tests share: the corpus as files and sensors, and blessed texts.
#![allow(dead_code, reason = "each test uses a part")]

use channel_contract::sysmon::named_fleet;
use channel_contract::{Contract, bytes, toml};
use channel_parser::channel::FileName;
use channel_parser::{sysmon, text};
use channel_validators::report::{self, Detail, Look, Report};
use channel_validators::{Judgement, Member, Subject, digest, judge, judge_structure};
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
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

/// The sensors of a folder of fixtures: its own; else those for rules have the example, and others none.
pub fn fleet_of(folder: &Path) -> Vec<Member> {
    let mut paths = files(folder, ".toml");
    if paths.is_empty() && folder.starts_with(corpus().join("rules")) {
        paths.push(corpus().join("contracts/example.toml"));
    }
    let read = |path: &PathBuf| {
        let contract = toml::parse(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        member(&path.file_name().unwrap_or_default().to_string_lossy(), contract)
    };
    paths.iter().map(read).collect()
}

/// The sensors of a fixture: those that a line `# sensors: NAME, ...` names; else those of its folder, and for a rule
/// blob without any Sysmon of the schema that most of them are compiled for.
pub fn fleet_for(path: &Path) -> Vec<Member> {
    let folder = path.parent().expect("a folder");
    let text = read(path);
    let named = text.lines().find_map(|line| line.strip_prefix("# sensors: "));
    let blob = path.to_string_lossy().ends_with(".blob.txt");
    let Some(names) = named.or(blob.then_some("sysmon:4.70")) else { return fleet_of(folder) };
    let members = |name: &str| match named_fleet(name) {
        Some(fleet) => fleet.expect("a known fleet"),
        None => {
            let own = folder.join(name);
            let path = if own.exists() { own } else { corpus().join("contracts").join(name) };
            vec![(name.to_owned(), toml::parse(&read(&path)).expect("a contract"))]
        }
    };
    let members = names.split(", ").flat_map(members);
    members.map(|(origin, contract)| member(&origin, contract)).collect()
}

/// The name and the bytes that a text form describes. The name is that of its channel, part and revision, unless the
/// first line is `# file` and another one.
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

/// The verdict on a fixture for the sensors of its folder.
pub fn judged(path: &Path) -> (Judgement, Vec<u8>, Vec<Member>) {
    let (name, bytes) = assemble(&read(path));
    let fleet = fleet_for(path);
    let subject = Subject::read(name, &bytes);
    let judgement = if fleet.is_empty() { judge_structure(&subject) } else { judge(&subject, &fleet) };
    (judgement, bytes, fleet)
}

/// The report for people on one file, as a terminal shows it.
pub fn shown(judgement: &Judgement, bytes: &[u8], fleet: &[Member], detail: Detail, look: Look) -> String {
    let mut out = Vec::new();
    report::text(judgement, bytes, detail, look, &mut out).expect("memory");
    let judgements = std::slice::from_ref(judgement);
    report::summary(&Report { judgements, fleet, ..Report::default() }, look, &mut out).expect("memory");
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
