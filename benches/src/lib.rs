//! What the benchmarks work on: a channel file of many real rules, or of our own where the real ones are absent.
#![forbid(unsafe_code)]

pub mod events;

use channel_contract::{Contract, load};
use channel_parser::channel::encode;
use channel_parser::draft::Draft;
use channel_parser::model::Channel;
use channel_sources::{Input, SourceFile, Template, sigma};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Rules, the sensor they are for, and the channel file made of them.
pub struct Content {
    /// What the rules are.
    pub name: &'static str,
    /// The rules.
    pub sources: Vec<SourceFile>,
    /// The sensor.
    pub contract: Contract,
    /// What it offers to rules.
    pub templates: Vec<Template>,
    /// The channel file.
    pub bytes: Vec<u8>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where the data of others lies, if it does.
pub(crate) fn data() -> PathBuf {
    std::env::var_os("CONTENTGATE_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from)
}

/// The rule blobs of the two complete public Sysmon configurations if they are at hand, the largest first.
pub fn blobs() -> Vec<Vec<u8>> {
    let Ok(file) = fs::File::open(data().join("sysmon/rule-blobs.tar.gz")) else { return Vec::new() };
    let mut blobs = unpack(file, ".bin");
    blobs.sort_by_key(|blob| std::cmp::Reverse(blob.bytes.len()));
    blobs.into_iter().take(2).map(|blob| blob.bytes).collect()
}

/// The public Windows rules of Sigma if they are at hand (see CONTRIBUTING.md), else the rules of the corpus.
pub fn content() -> Content {
    let archive = data().join("sigma/sigma-windows-rules.tar.gz");
    let (name, sources) = match fs::File::open(archive) {
        Ok(file) => ("2,858 Windows rules of Sigma", unpack(file, ".yml")),
        Err(_) => ("the rules of the corpus (the public ones are absent)", corpus()),
    };
    let contract = load(root().join("corpus/contracts/windows/sensor.toml")).expect("the contract is read");
    let templates = templates(&contract);
    let bytes = build(&sources, &templates, &contract);
    Content { name, sources, contract, templates, bytes }
}

/// Compiles and encodes.
pub fn build(sources: &[SourceFile], templates: &[Template], contract: &Contract) -> Vec<u8> {
    let compiled = sigma::compile(sources, templates, "DRL 1.1");
    let channel = contract.types.first().map_or(Channel(0), |template| template.channel);
    let draft = Draft { channel, types: compiled.types, detections: compiled.detections, ..Draft::default() };
    encode(&draft).expect("the content is encoded")
}

fn templates(contract: &Contract) -> Vec<Template> {
    let template = |of: &channel_contract::TemplateType| Template {
        id: of.id,
        revision: of.revision,
        name: of.name.clone(),
        inputs: of
            .fields
            .iter()
            .map(|field| Input { name: field.name.clone(), input: field.input })
            .collect(),
        unsupplied: Vec::new(),
    };
    contract.types.iter().map(template).collect()
}

fn unpack(file: fs::File, ends: &str) -> Vec<SourceFile> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut sources = Vec::new();
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a name").display().to_string();
        if name.ends_with(ends) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("a rule");
            sources.push(SourceFile { name, bytes });
        }
    }
    sources
}

fn corpus() -> Vec<SourceFile> {
    let folder = fs::read_dir(root().join("corpus/sigma")).expect("the rules of the corpus");
    let paths = folder.map(|entry| entry.expect("a rule").path());
    let rules = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yml"));
    rules
        .map(|path| SourceFile { name: path.display().to_string(), bytes: fs::read(&path).expect("a rule") })
        .collect()
}
