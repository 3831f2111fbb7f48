//! Sigma rules become a channel file.

use super::{Args, Built};
use crate::content::{Map, locate};
use crate::exit::Failure;
use crate::input;
use crate::output::Terminal;
use channel_contract::Contract;
use channel_parser::channel::{FileName, encode};
use channel_parser::draft::Draft;
use channel_parser::model::{Channel, ContentRevision, Part};
use channel_sources::{Input, SourceFile, Template, sigma};
use channel_validators::report::Escaped;
use channel_validators::{Member, Severity, Subject, judge};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The longest rule file that is read.
const RULE_BYTES: u64 = 16 << 20;

/// Compiles the rules and lists those that cannot be expressed.
pub(super) fn build(
    args: &Args,
    paths: &[PathBuf],
    fleet: Vec<Member>,
    terminal: &mut Terminal,
) -> Result<Built, Failure> {
    let [member] = fleet.as_slice() else {
        return Err(Failure::wrong_use("rules are built for a sensor: name it with --sensor"));
    };
    let compiled = sigma::compile(&sources(paths)?, &templates(&member.contract), &args.licence);
    for refusal in &compiled.refused {
        writeln!(terminal, "{}", Escaped(&refusal.to_string()))?;
    }
    let name = name(args, &member.contract)?;
    let mut draft = Draft {
        channel: name.channel,
        part: name.part,
        revision: name.revision,
        types: compiled.types,
        detections: compiled.detections,
        extra: Vec::new(),
    };
    let mut map = Map::Channel(compiled.map);
    let unfit = leave_out_unfit(&mut draft, &mut map, &fleet, terminal)?;
    let (detections, refused) = (draft.detections.len(), compiled.refused.len() + unfit);
    if detections == 0 {
        let none = format!("none of {refused} rules can be expressed: there is nothing to build");
        return Err(Failure::cannot(none));
    }
    if args.strict && refused > 0 {
        let strict = format!("{refused} rules cannot be expressed, and --strict is set; nothing written");
        return Err(Failure::refused(strict));
    }
    let bytes = encode(&draft).map_err(Failure::refused)?;
    let instances: usize = draft.detections.iter().map(|d| d.include.len() + d.exclude.len()).sum();
    let all = detections + refused;
    let many = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let named = if refused == 0 { "" } else { ", each named above" };
    let (made, instances) = (many(detections, "detection"), many(instances, "instance"));
    let lines = vec![
        format!("built    {made}, {instances} from {}", many(all, "rule")),
        format!("refused  {}{named}", many(refused, "rule")),
    ];
    Ok(Built { name: name.to_string(), bytes, map, fleet, lines })
}

/// Takes out, and lists, every detection that the sensor's contract refuses by itself: an operator that it does not
/// have, an operand that it cannot store. How many they are.
fn leave_out_unfit(
    draft: &mut Draft,
    map: &mut Map,
    fleet: &[Member],
    terminal: &mut Terminal,
) -> Result<usize, Failure> {
    let bytes = encode(draft).map_err(Failure::refused)?;
    let subject = Subject::read("content", &bytes);
    let mut findings = judge(&subject, fleet).findings;
    findings.retain(|finding| finding.severity == Severity::Error && finding.detection.is_some());
    locate(&subject, map, &mut findings);
    let mut unfit = BTreeMap::new();
    for finding in &findings {
        unfit.entry(finding.detection.clone().unwrap_or_default()).or_insert(finding);
    }
    for (id, finding) in &unfit {
        let place = finding.source.as_ref();
        let place = place.map(|at| format!("{}:{}:{}: ", at.file, at.line, at.column)).unwrap_or_default();
        let line = format!("{place}rule {id}: {} [{}]", finding.message, finding.code);
        writeln!(terminal, "{}", Escaped(&line))?;
    }
    let keep: Vec<bool> =
        draft.detections.iter().map(|detection| !unfit.contains_key(&detection.id)).collect();
    let kept = |position: usize| keep.get(position).copied().unwrap_or(false);
    let mut position = 0..;
    draft.detections.retain(|_| position.next().is_some_and(kept));
    if let Map::Channel(map) = map {
        map.retain(kept);
    }
    Ok(unfit.len())
}

/// The channel, part and revision of what is built. What the name says and what an option says must agree.
fn name(args: &Args, contract: &Contract) -> Result<FileName, Failure> {
    let file = args.output.file_name().and_then(|name| FileName::parse(&name.to_string_lossy()));
    let choose = |what: &str, said: Option<u32>, named: Option<u32>| match (said, named) {
        (Some(said), Some(named)) if said != named => {
            Err(Failure::wrong_use(format!("--{what} {said}, but the file's name says {named}")))
        }
        _ => Ok(said.or(named)),
    };
    let mut channels: Vec<_> = contract.types.iter().map(|template| template.channel.0).collect();
    channels.dedup();
    let only = if let [channel] = channels.as_slice() { Some(*channel) } else { None };
    let channel =
        choose("channel", args.channel, file.map(|name| name.channel.0))?.or(only).ok_or_else(|| {
            Failure::wrong_use(
                "the sensor's template types are of several channels: say which with --channel",
            )
        })?;
    let part = choose("part", args.part, file.map(|name| name.part.0))?.unwrap_or(0);
    let revision = choose("revision", args.revision, file.map(|name| name.revision.0))?.unwrap_or(0);
    Ok(FileName { channel: Channel(channel), part: Part(part), revision: ContentRevision(revision) })
}

/// What the sensor's template types offer to rules: the inputs that are supplied, not the fields that are defined.
fn templates(contract: &Contract) -> Vec<Template> {
    let template = |of: &channel_contract::TemplateType| {
        let input = |field: &channel_contract::Field| Input { name: field.name.clone(), input: field.input };
        let supplied = usize::try_from(of.supplied).unwrap_or(usize::MAX).min(of.fields.len());
        let (inputs, unsupplied) = of.fields.split_at(supplied);
        Template {
            id: of.id,
            revision: of.revision,
            name: of.name.clone(),
            inputs: inputs.iter().map(input).collect(),
            unsupplied: unsupplied.iter().map(|field| field.name.clone()).collect(),
        }
    };
    contract.types.iter().map(template).collect()
}

/// Reads the rules that are named, folders with all that is below them, in the order of their names.
fn sources(paths: &[PathBuf]) -> Result<Vec<SourceFile>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            walk(path, 0, &mut found)?;
            if found.len() == before {
                return Err(Failure::file(path, "holds no .yml or .yaml file"));
            }
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    let source = |path: &PathBuf| {
        Ok(SourceFile { name: path.display().to_string(), bytes: input::read(path, RULE_BYTES)? })
    };
    found.iter().map(source).collect()
}

/// Folders below a folder that are looked into: a loop of links ends here.
const DEPTH: usize = 32;

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(folder, error);
    if depth > DEPTH {
        return Err(Failure::file(folder, format!("lies more than {DEPTH} folders deep")));
    }
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let rule = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
        if path.is_dir() {
            walk(&path, depth + 1, found)?;
        } else if rule {
            found.push(path);
        }
    }
    Ok(())
}
