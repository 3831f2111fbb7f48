//! Content from the command line, told apart by what is in it: a content file is judged as it is, a Sysmon
//! configuration is compiled first, and a source map tells where each part was written.

use crate::exit::Failure;
use crate::input;
use channel_contract::{Contract, sysmon};
use channel_parser::limits::FILE_BYTES;
use channel_parser::{Format, sysmon::Version};
use channel_sources::sysmon_xml::{Compiled, EventType, Refusal, RuleMap, Schema, compile};
use channel_sources::{Place, SourceFile, SourceMap, limits::MAP_BYTES};
use channel_validators::{BlobContent, Finding, Made, Member, SourcePlace, Subject, digest};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A content file, or what a configuration was compiled to.
pub struct Content {
    /// The bytes that a sensor would load.
    pub bytes: Vec<u8>,
    /// Where its parts were written.
    pub map: Option<Map>,
    /// Whether it was compiled from a configuration, which is what ships.
    pub from_source: bool,
}

impl Content {
    /// What is judged, with what the source tells of it.
    pub fn subject(&self, name: impl Into<String>) -> Subject<'_> {
        let mut subject = Subject::read(name, &self.bytes);
        subject.made = self.made();
        subject
    }

    /// How it came about.
    pub fn made(&self) -> Made {
        Made { from_source: self.from_source, compiler: self.map.as_ref().and_then(Map::compiler) }
    }
}

/// Why there is nothing to judge.
pub enum Trouble {
    /// It could not be read.
    Failed(Failure),
    /// It is a configuration that Sysmon's compiler refuses.
    Refused(Vec<Refusal>),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Vec<Refusal>> for Trouble {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::Refused(refusals)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Failed(failure) => failure,
            Trouble::Refused(refusals) => refusals.into(),
        }
    }
}

impl From<Vec<Refusal>> for Failure {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::refused_lines(refusals.iter().map(ToString::to_string).collect())
    }
}

/// Where the parts of content were written.
pub enum Map {
    /// Those of a channel file.
    Channel(SourceMap),
    /// Those of a rule blob.
    Blob(RuleMap),
}

impl Map {
    /// The schema that a rule blob was compiled for.
    pub fn compiler(&self) -> Option<&'static Contract> {
        match self {
            Self::Channel(_) => None,
            Self::Blob(map) => sysmon::schema(&map.compiler),
        }
    }

    /// Its JSON form, bound to the content with this digest.
    pub fn of(&mut self, digest: &str) -> String {
        match self {
            Self::Channel(map) => {
                map.content = digest.to_owned();
                map.to_json()
            }
            Self::Blob(map) => {
                map.content = digest.to_owned();
                map.to_json()
            }
        }
    }
}

/// Reads a file for these sensors. A configuration is compiled.
pub fn read(path: &Path, given: Option<&Path>, fleet: &[Member]) -> Result<Content, Trouble> {
    let bytes = input::read(path, FILE_BYTES)?;
    if is_configuration(&bytes) {
        let compiled = configuration(path, bytes, &For::Fleet(fleet))?;
        return Ok(Content { bytes: compiled.bytes, map: Some(Map::Blob(compiled.map)), from_source: true });
    }
    let map = source_map(path, given, &bytes)?;
    Ok(Content { bytes, map, from_source: false })
}

/// Only the bytes of a file, or what a configuration is compiled to.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = input::read(path, FILE_BYTES)?;
    if is_configuration(&bytes) { Ok(configuration(path, bytes, &For::Fleet(&[]))?.bytes) } else { Ok(bytes) }
}

/// Whether these are the first bytes of an XML document, in one of the encodings that Sysmon reads.
pub fn is_configuration(bytes: &[u8]) -> bool {
    if Format::of(bytes).is_ok() {
        return false;
    }
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    let bytes = marks.iter().find_map(|mark| bytes.strip_prefix(*mark)).unwrap_or(bytes);
    let mut first = bytes.iter().filter(|b| !b.is_ascii_whitespace() && **b != 0);
    first.next() == Some(&b'<')
}

/// Whom a configuration is compiled for.
pub enum For<'a> {
    /// The sensor of this schema; of the newest, if none is named.
    Schema(Option<Version>),
    /// The newest that takes configurations of its age, if each of these does.
    Fleet(&'a [Member]),
}

/// Compiles a configuration with the tables that come along.
pub fn configuration(path: &Path, bytes: Vec<u8>, target: &For<'_>) -> Result<Compiled, Vec<Refusal>> {
    let mut schemas: Vec<Schema> = sysmon::schemas().filter_map(schema).collect();
    let file = SourceFile { name: path.display().to_string(), bytes };
    let sensor = match target {
        For::Schema(version) => version.or(schemas.iter().map(|schema| schema.version).max()),
        For::Fleet(fleet) => {
            // A sensor refuses configurations of an older major version.
            let sensors = fleet.iter().filter_map(|member| member.contract.sysmon.as_ref());
            let newest = sensors.map(|sensor| sensor.schema.major()).max().unwrap_or_default();
            schemas.retain(|schema| schema.version.0 >> 16 >= u32::from(newest));
            None
        }
    };
    compile(&file, &schemas, sensor)
}

/// What a Sysmon contract offers to configurations.
pub fn schema(contract: &Contract) -> Option<Schema> {
    let sensor = contract.sysmon.as_ref()?;
    let event = |template: &channel_contract::TemplateType| EventType {
        id: template.id.0,
        rule_name: if template.event.is_some() { template.name.clone() } else { String::new() },
        fields: template.fields.iter().map(|field| field.name.clone()).collect(),
    };
    Some(Schema {
        version: Version(sensor.schema.number()),
        binary_version: Version(sensor.binary.number()),
        operators: sensor.filters.clone(),
        default_operator: "is".into(),
        events: contract.types.iter().map(event).collect(),
    })
}

/// Where the source map of a file lies if none is given.
pub fn map_beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".map.json");
    PathBuf::from(beside)
}

/// The source map that is given, or that lies beside the file. One of other content would lead to the wrong lines.
fn source_map(path: &Path, given: Option<&Path>, bytes: &[u8]) -> Result<Option<Map>, Failure> {
    let beside = map_beside(path);
    let map = match given {
        Some(map) => map,
        None if beside.is_file() => &beside,
        None => return Ok(None),
    };
    let text = input::read_text(map, MAP_BYTES as u64)?;
    let blob = Format::of(bytes) == Ok(Format::Sysmon);
    let read = if blob {
        RuleMap::from_json(&text).map(Map::Blob)
    } else {
        SourceMap::from_json(&text).map(Map::Channel)
    };
    let read = read.map_err(|error| Failure::file(map, error))?;
    let of = match &read {
        Map::Channel(map) => &map.content,
        Map::Blob(map) => &map.content,
    };
    if *of == digest(bytes) {
        return Ok(Some(read));
    }
    if given.is_some() {
        let of = path.display();
        return Err(Failure::wrong_use(format!("the source map is of other content than {of}")));
    }
    let note = format!(
        "note: the source map beside {} is of other content, and not used",
        crate::output::shown(path)
    );
    writeln!(std::io::stderr(), "{note}")?;
    Ok(None)
}

/// Names the source line of every finding that has one.
pub fn locate(subject: &Subject<'_>, map: &Map, findings: &mut [Finding]) {
    for finding in findings {
        let place = match map {
            Map::Channel(map) => in_channel(subject, map, finding),
            Map::Blob(map) => in_blob(map, finding),
        };
        finding.source = place.map(|place| SourcePlace {
            file: place.file.to_owned(),
            line: place.line,
            column: place.column,
        });
    }
}

fn in_channel<'m>(subject: &Subject<'_>, map: &'m SourceMap, finding: &Finding) -> Option<Place<'m>> {
    let mut steps = finding.path.steps();
    let Some(("instances", Some(index))) = steps.next() else { return None };
    let instance = subject.file()?.instances().nth(index as usize)?;
    let detection = instance.detection()?;
    let first = detection.include().next().map_or(0, |first| first.index().0);
    let (detection, own) = (detection.index().0 as usize, index.checked_sub(first)? as usize);
    match (steps.next(), steps.next()) {
        (Some(("criteria", Some(field))), Some(("clauses", Some(clause)))) => {
            map.clause(detection, own, field, clause as usize)
        }
        (Some(("criteria", Some(field))), _) => map.place(detection, own, field),
        _ => map.instance(detection, own),
    }
}

fn in_blob<'m>(map: &'m RuleMap, finding: &Finding) -> Option<Place<'m>> {
    let mut steps = finding.path.steps();
    match (steps.next()?, steps.next()) {
        (("events", Some(event)), Some(("filters", Some(filter)))) => {
            map.filter(event as usize, filter as usize)
        }
        (("events", Some(event)), _) => map.event(event as usize),
        (("aggregations", Some(group)), _) => map.group(group as usize),
        _ => None,
    }
}

/// What the numbers of a blob meant to its compiler, for the comments of its text.
pub struct Words(Option<&'static Contract>);

impl Words {
    /// Those of the schema that a blob was compiled for.
    pub fn of(content: &Content) -> Self {
        let subject = content.subject("");
        Self(subject.blob().and_then(|blob| BlobContent::new(&subject, blob).compiler))
    }

    fn template(&self, event: u32) -> Option<&'static channel_contract::TemplateType> {
        self.0?.template(channel_parser::model::TypeId(event))
    }
}

impl channel_parser::sysmon::Names for Words {
    fn event(&self, id: u32) -> Option<&str> {
        Some(self.template(id)?.name.as_str())
    }

    fn field(&self, event: u32, index: u32) -> Option<&str> {
        let field = self.template(event)?.field(channel_parser::model::FieldIndex(index))?;
        Some(field.name.as_str())
    }

    fn operator(&self, number: u32) -> Option<&str> {
        let filters = &self.0?.sysmon.as_ref()?.filters;
        filters.get(usize::try_from(number).ok()?).map(String::as_str)
    }
}
