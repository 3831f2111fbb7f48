//! `contentgate build`: rules become a channel file for one sensor, checked before it is written.

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::{Terminal, shown, write_file};
use channel_contract::Contract;
use channel_parser::channel::{FileName, encode};
use channel_parser::draft::Draft;
use channel_parser::model::{Channel, ContentRevision, Part};
use channel_sources::{Input, SourceFile, Template, sigma};
use channel_validators::report::{self, Detail, Escaped, Report};
use channel_validators::{Subject, Verdict, judge};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The longest rule file that is read.
const RULE_BYTES: u64 = 16 << 20;

/// Build a content file from rules, for the template types of one sensor.
#[derive(clap::Args)]
pub struct Args {
    /// Sigma rules: files, or folders of `.yml` and `.yaml` files.
    #[arg(required = true, value_name = "RULES")]
    rules: Vec<PathBuf>,
    /// The sensor: a binary, or its contract as TOML.
    #[arg(long, short)]
    sensor: PathBuf,
    /// Where the content goes; its name may say channel, part and revision: C-00000291-00000000-00000032.sys.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// The channel, if the name does not say it; by default the one of the sensor's template types.
    #[arg(long)]
    channel: Option<u32>,
    /// The part, if the name does not say it.
    #[arg(long)]
    part: Option<u32>,
    /// The revision, if the name does not say it.
    #[arg(long)]
    revision: Option<u32>,
    /// The licence of rules that name none; matches must be able to show it.
    #[arg(long, default_value = "")]
    licence: String,
    /// Refuse to build at all if the sensor cannot express a rule.
    #[arg(long)]
    strict: bool,
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    let fleet = input::fleet(std::slice::from_ref(&args.sensor))?;
    let [member] = fleet.as_slice() else {
        return Err(Failure::wrong_use(
            "--sensor takes one sensor: content is built for one, and checked for many",
        ));
    };
    let sources = sources(&args.rules)?;
    let compiled = sigma::compile(&sources, &templates(&member.contract), &args.licence);
    for refusal in &compiled.refused {
        writeln!(terminal, "{}", Escaped(&refusal.to_string()))?;
    }
    let (detections, refused) = (compiled.detections.len(), compiled.refused.len());
    if detections == 0 {
        return Err(Failure::cannot(format!(
            "none of {refused} rules can be expressed: there is nothing to build"
        )));
    }
    if args.strict && refused > 0 {
        return Err(Failure::refused(format!(
            "{refused} rules cannot be expressed, and --strict is set; nothing written"
        )));
    }
    let name = name(args, &member.contract)?;
    let draft = Draft {
        channel: name.channel,
        part: name.part,
        revision: name.revision,
        types: compiled.types,
        detections: compiled.detections,
        extra: Vec::new(),
    };
    let bytes = encode(&draft).map_err(Failure::refused)?;
    let subject = Subject::read(name.to_string(), &bytes);
    let mut judgement = judge(&subject, &fleet);
    judgement.file = args.output.display().to_string();
    super::check::locate(&subject, &compiled.map, &mut judgement.findings);
    let report = Report { judgements: std::slice::from_ref(&judgement), fleet: &fleet };
    if report.verdict() != Verdict::Pass {
        report::text(&judgement, &bytes, Detail::Block, terminal.look, terminal)?;
        report::summary(&report, terminal.look, terminal)?;
        terminal.finish()?;
        return Err(Failure::refused(
            "the content does not suit the sensor it was built for; nothing written",
        ));
    }
    write_file(&args.output, &bytes)?;
    let mut map = args.output.as_os_str().to_owned();
    map.push(".map.json");
    let map = PathBuf::from(map);
    let mut places = compiled.map;
    places.content.clone_from(&judgement.sha256);
    write_file(&map, places.to_json().as_bytes())?;
    let instances: usize = draft.detections.iter().map(|d| d.include.len() + d.exclude.len()).sum();
    writeln!(
        terminal,
        "built    {detections} detections, {instances} instances from {} rules",
        detections + refused
    )?;
    writeln!(terminal, "refused  {refused} rules{}", if refused == 0 { "" } else { ", each named above" })?;
    writeln!(
        terminal,
        "wrote    {}   {} bytes, sha256 {}",
        shown(&args.output),
        bytes.len(),
        judgement.sha256
    )?;
    writeln!(terminal, "         {}", shown(&map))?;
    Ok(Exit::Pass)
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
