//! Sysmon's manifest to contracts, one for every schema version in it: the file of Sysinternals/SysmonCommon, or what
//! `sysmon -nologo -s` prints. Options and descriptions are left aside.

use super::{Action, Event, FILTERS, Sysmon, Target, Version, operator};
use crate::*;
use alloc::{
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};
use channel_parser::model::{InputType, Operator, TypeId, TypeRevision};
use core::ops::Range;
use quick_xml::{Reader, XmlVersion, events};

/// The longest manifest that is read.
pub const MAX_MANIFEST: usize = 4 << 20;
const MAX_SCHEMAS: usize = 256;
const MAX_OPERATORS: usize = 256;
/// Events are handed to Windows in 64 KiB of UTF-16, and one unit is at most three bytes of UTF-8.
const MAX_STRING: u32 = 3 * 32_767;
/// From this binary version on the positions of operators never change.
const STABLE: u16 = 14;

/// Reads a manifest: UTF-8, or UTF-16 with its byte order mark. `schema` asks for one version only; of several targets,
/// `target` keeps the events that are there on one. The contracts ascend by version.
///
/// ```
/// use channel_contract::sysmon::{Target, import};
///
/// let manifest = br#"
///   <manifest schemaversion="4.2" binaryversion="8.00">
///     <filters default="is">is,is not,contains</filters>
///     <event name="DNS" value="22" version="5" rulename="DnsQuery">
///       <data name="QueryName" inType="win:UnicodeString"/>
///       <data name="QueryStatus" inType="win:UInt32"/>
///     </event>
///   </manifest>"#;
/// let contract = import(manifest, None, Target::All)?.remove(0);
/// assert_eq!(contract.label(), "sysmon 4.20 any");
/// assert_eq!((contract.types[0].name.as_str(), contract.types[0].fields.len()), ("DnsQuery", 2));
///
/// let error = import(b"<manifest>\n<event/>", None, Target::All).unwrap_err().to_string();
/// assert_eq!(error, "the manifest is broken at line 1, column 1: expected schemaversion in <manifest>, found none");
/// # Ok::<(), channel_contract::Error>(())
/// ```
pub fn import(xml: &[u8], schema: Option<Version>, target: Target) -> Result<Vec<Contract>, Error> {
    let (text, base) = decode(xml)?;
    let mut drafts = Drafts::default().read(&text).map_err(|mut error| {
        error.at =
            error.at.zip(base).map(|(at, base)| at.start.saturating_add(base)..at.end.saturating_add(base));
        error
    })?;
    drafts.sort_by_key(|draft| draft.schema);
    let names = |drafts: &[Draft]| drafts.iter().map(|d| d.schema.to_string()).collect::<Vec<_>>().join(", ");
    let found = names(&drafts);
    settle_operators(&mut drafts);
    drafts.retain(|draft| schema.is_none_or(|schema| draft.schema == schema));
    if drafts.is_empty() {
        let expected = schema.map_or("a <manifest>".into(), |schema| format!("schema {schema}"));
        let found = if found.is_empty() { "none".into() } else { found };
        return Err(Error::new(ErrorKind::Manifest, expected, found));
    }
    Ok(drafts.into_iter().map(|draft| restrict(&draft.contract(), target)).collect())
}

/// The contract as it is on one target.
pub(super) fn restrict(contract: &Contract, target: Target) -> Contract {
    let mut contract = contract.clone();
    contract.types.retain(|template| template.event.is_none_or(|event| event.target.includes(target)));
    contract.sensor.platform = target.platform().into();
    contract
}

/// The text, and where it starts in the file if its bytes are the file's.
fn decode(xml: &[u8]) -> Result<(String, Option<u64>), Error> {
    if xml.len() > MAX_MANIFEST {
        let expected = format!("at most {MAX_MANIFEST} bytes");
        return Err(Error::new(ErrorKind::Manifest, expected, format!("{} bytes", xml.len())));
    }
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks::<2>();
        let text: Option<String> =
            char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<_, _>>().ok();
        let text = text.filter(|_| odd.is_empty()).map(|text| (text, None));
        text.ok_or_else(|| Error::new(ErrorKind::Manifest, "UTF-16", "something else behind its mark"))
    };
    match xml {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => {
            let rest = xml.strip_prefix(b"\xef\xbb\xbf").unwrap_or(xml);
            let base = xml.len().saturating_sub(rest.len()) as u64;
            let text = core::str::from_utf8(rest).map_err(|e| {
                let at = base.saturating_add(e.valid_up_to() as u64);
                Error::new(ErrorKind::Manifest, "UTF-8, or UTF-16 with a byte order mark", "another byte")
                    .at(at..at.saturating_add(1))
            })?;
            Ok((text.into(), Some(base)))
        }
    }
}

/// The positions that blobs store, where the manifest's own order is another one.
fn settle_operators(drafts: &mut [Draft]) {
    let (mut reach, mut further, mut seen) = (0, Vec::new(), BTreeSet::new());
    for draft in drafts.iter_mut().filter(|draft| draft.binary.major() >= STABLE) {
        for name in &draft.filters {
            match FILTERS.iter().position(|known| known == name) {
                Some(place) => reach = place.saturating_add(1).max(reach),
                None if further.len() < MAX_OPERATORS && seen.insert(name.clone()) => {
                    further.push(name.clone())
                }
                None => (),
            }
        }
        draft.filters = FILTERS.iter().take(reach).map(ToString::to_string).chain(further.clone()).collect();
    }
}

/// One schema version as it is read.
struct Draft {
    schema: Version,
    binary: Version,
    filters: Vec<String>,
    types: Vec<TemplateType>,
    ids: BTreeSet<TypeId>,
}

impl Draft {
    fn contract(self) -> Contract {
        let Self { schema, binary, filters, mut types, .. } = self;
        types.sort_by_key(|template| template.id);
        let mut operators: OperatorSet = filters.iter().filter_map(|name| operator(name)).collect();
        if operators.contains(Operator::Exact) {
            // `is` with a number is the same question.
            operators.insert(Operator::Equal);
        }
        let sensor = Sensor {
            name: "sysmon".into(),
            version: schema.to_string(),
            platform: Target::All.platform().into(),
            build_id: format!("schema {schema}, binary version {binary}"),
        };
        let interpreter = binary.major().into();
        let sysmon = Some(Sysmon { schema, binary, filters });
        Contract { sensor, interpreter, operators, limits: limits(), types, sealed: true, sysmon }
    }
}

/// Sysmon states none; what a blob can express is bounded by its 32-bit offsets and counts.
fn limits() -> Limits {
    let most = u32::MAX;
    Limits {
        file_bytes: most.into(),
        detections: most,
        instances: most,
        clauses_per_criterion: most,
        patterns_per_clause: most,
        operand_bytes: most,
        automaton_bytes: most.into(),
        work_per_event: most.into(),
        widths: Widths::default(),
    }
}

/// The elements of a manifest as they come.
#[derive(Default)]
struct Drafts {
    done: Vec<Draft>,
    draft: Option<Draft>,
    event: Option<TemplateType>,
    in_filters: bool,
    depth: u64,
}

/// An element's start, and where it is.
struct Start<'a> {
    text: &'a str,
    tag: &'a events::BytesStart<'a>,
    at: Range<usize>,
}

impl Drafts {
    fn read(mut self, text: &str) -> Result<Vec<Draft>, Error> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        loop {
            let start = place(reader.buffer_position());
            let event = reader.read_event();
            let at = start..place(reader.buffer_position()).max(start);
            match event {
                Ok(events::Event::Start(tag)) => {
                    self.depth = self.depth.saturating_add(1);
                    self.start(&Start { text, tag: &tag, at })?;
                }
                Ok(events::Event::End(tag)) => {
                    self.depth = self.depth.saturating_sub(1);
                    self.end(tag.name().0);
                }
                Ok(events::Event::Text(words)) => self.text(&words, text, at)?,
                Ok(events::Event::Eof) if self.depth == 0 => return Ok(self.done),
                Ok(events::Event::Eof) => return Err(located(text, at, "an end tag", "the end")),
                Ok(events::Event::Decl(_) | events::Event::Comment(_) | events::Event::PI(_)) => (),
                Ok(other) => {
                    let what = match other {
                        events::Event::DocType(_) => "a document type",
                        events::Event::GeneralRef(_) => "a reference",
                        _ => "a CDATA section",
                    };
                    return Err(located(text, at, "elements, attributes and text", what));
                }
                Err(e) => {
                    let place = place(reader.error_position());
                    return Err(located(text, place..place, "XML", text::excerpt(&e.to_string())));
                }
            }
        }
    }

    fn start(&mut self, start: &Start<'_>) -> Result<(), Error> {
        if self.in_filters {
            return Err(start.refuse("text in <filters>", "an element"));
        }
        match (start.tag.name().0, &mut self.draft, &mut self.event) {
            ("manifest", None, _) => {
                self.draft = Some(start.schema(&self.done)?);
            }
            ("filters", Some(draft), None) if draft.filters.is_empty() => self.in_filters = true,
            ("event", Some(draft), None) => {
                let template = start.event()?;
                if !draft.ids.insert(template.id) {
                    let found = format!("event {} a second time", template.id);
                    return Err(start.refuse("every event once", found));
                }
                self.event = Some(template);
            }
            ("data", Some(_), Some(event)) => {
                if event.defined() >= bytes::MAX_FIELDS {
                    return Err(start.refuse("at most 4096 fields", "one more"));
                }
                event.fields.push(start.field()?);
                event.supplied = event.defined();
            }
            (name @ ("manifest" | "filters" | "event" | "data"), ..) => {
                let expected = match name {
                    "data" => "<data> in <event> only",
                    "manifest" => "<manifest> outside of another",
                    "event" => "<event> in <manifest>, and in no other event",
                    _ => "one <filters> in <manifest>",
                };
                return Err(start.refuse(expected, format!("<{name}>")));
            }
            _ => (),
        }
        Ok(())
    }

    fn end(&mut self, name: &str) {
        match name {
            "manifest" => self.done.extend(self.draft.take()),
            "filters" => self.in_filters = false,
            "event" => {
                if let (Some(draft), Some(event)) = (&mut self.draft, self.event.take()) {
                    draft.types.push(event);
                }
            }
            _ => (),
        }
    }

    fn text(&mut self, words: &str, text: &str, at: Range<usize>) -> Result<(), Error> {
        let draft = match &mut self.draft {
            Some(draft) if self.in_filters => draft,
            _ if self.depth == 0 && !words.trim().is_empty() => {
                return Err(located(
                    text,
                    at,
                    "a <manifest>",
                    format!("\"{}\"", text::excerpt(words.trim())),
                ));
            }
            _ => return Ok(()),
        };
        let mut seen = BTreeSet::new();
        for name in words.split(',').map(str::trim) {
            if let Some(found) = text::refuse(name) {
                return Err(located(text, at, text::EXPECTED, found));
            }
            if draft.filters.len() >= MAX_OPERATORS || name.is_empty() || !seen.insert(name) {
                let expected = format!("at most {MAX_OPERATORS} filter operators, each with another name");
                return Err(located(text, at, expected, format!("\"{name}\"")));
            }
            draft.filters.push(name.into());
        }
        Ok(())
    }
}

impl Start<'_> {
    fn refuse(&self, expected: impl Into<String>, found: impl Into<String>) -> Error {
        located(self.text, self.at.clone(), expected, found)
    }

    /// The value of an attribute, a text as a contract can hold it.
    fn find(&self, key: &str) -> Result<Option<String>, Error> {
        let mut found = None;
        // The library's own check for duplicates takes quadratic time.
        for attribute in self.tag.attributes().with_checks(false) {
            let broken = |e: String| self.refuse("well-formed attributes", text::excerpt(&e));
            let attribute = attribute.map_err(|e| broken(e.to_string()))?;
            if attribute.key.0 != key {
                continue;
            }
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| broken(e.to_string()))?;
            if let Some(refused) = text::refuse(&value) {
                return Err(self.refuse(format!("{} in {key}", text::EXPECTED), refused));
            }
            if found.replace(value.into_owned()).is_some() {
                return Err(self.refuse(format!("{key} once"), "it a second time"));
            }
        }
        Ok(found)
    }

    fn get(&self, key: &str) -> Result<String, Error> {
        let tag = text::excerpt(self.tag.name().0);
        self.find(key)?.ok_or_else(|| self.refuse(format!("{key} in <{tag}>"), "none"))
    }

    fn version(&self, key: &str) -> Result<Version, Error> {
        self.get(key)?.parse().map_err(|e: Error| self.refuse(format!("{} in {key}", e.expected), e.found))
    }

    fn number(&self, key: &str) -> Result<u32, Error> {
        let value = self.get(key)?;
        let number = match value.strip_prefix("0x") {
            Some(hex) if !hex.starts_with('+') => u32::from_str_radix(hex, 16).ok(),
            _ if value.starts_with('+') => None,
            _ => value.parse().ok(),
        };
        number.ok_or_else(|| self.refuse(format!("a number of 32 bits in {key}"), format!("\"{value}\"")))
    }

    fn schema(&self, done: &[Draft]) -> Result<Draft, Error> {
        let (schema, binary) = (self.version("schemaversion")?, self.version("binaryversion")?);
        if done.iter().any(|other| other.schema == schema) {
            return Err(self.refuse("every schema version once", format!("{schema} a second time")));
        }
        if done.len() >= MAX_SCHEMAS {
            return Err(self.refuse(format!("at most {MAX_SCHEMAS} schema versions"), "one more"));
        }
        Ok(Draft { schema, binary, filters: Vec::new(), types: Vec::new(), ids: BTreeSet::new() })
    }

    fn event(&self) -> Result<TemplateType, Error> {
        let rule = self.find("rulename")?;
        let event = rule.is_some().then(|| self.facts()).transpose()?;
        Ok(TemplateType {
            id: TypeId(self.number("value")?),
            revision: TypeRevision(self.number("version")?),
            name: rule.map_or_else(|| self.get("name"), Ok)?,
            instance_cap: limits().instances,
            event,
            ..TemplateType::default()
        })
    }

    fn facts(&self) -> Result<Event, Error> {
        let word = self.find("ruledefault")?;
        // Sysmon's own generator takes this default where the manifest states none.
        let default = word.as_deref().map_or(Some(Action::Exclude), Action::from_word);
        let default = default.ok_or_else(|| {
            let found = format!("\"{}\"", word.unwrap_or_default());
            self.refuse("include or exclude in ruledefault", found)
        })?;
        Ok(Event { default, target: self.target()? })
    }

    /// One word or several: `win,linux` are all.
    fn target(&self) -> Result<Target, Error> {
        let Some(words) = self.find("target")? else { return Ok(Target::All) };
        let targets: Option<Vec<Target>> =
            words.split(',').map(|word| Target::from_word(word.trim())).collect();
        let targets = targets.ok_or_else(|| {
            self.refuse("all, win or linux in target", format!("\"{}\"", text::excerpt(&words)))
        })?;
        let first = targets.first().copied().unwrap_or_default();
        Ok(if targets.iter().all(|target| *target == first) { first } else { Target::All })
    }

    fn field(&self) -> Result<Field, Error> {
        let kind = self.get("inType")?;
        // Filters compare text, so what Sysmon prints as text is text.
        let (input, max_bytes) = match kind.strip_prefix("win:") {
            Some("UnicodeString") => (InputType::Text, MAX_STRING),
            Some("GUID") => (InputType::Text, 38),
            Some("HexInt32") => (InputType::Text, 10),
            Some("HexInt64") => (InputType::Text, 18),
            Some("Boolean") => (InputType::Text, 5),
            Some("UInt16" | "UInt32" | "UInt64") => (InputType::Integer, 0),
            _ => {
                let expected =
                    "UnicodeString, GUID, HexInt32, HexInt64, Boolean, UInt16, UInt32 or UInt64 in inType";
                return Err(self.refuse(expected, format!("\"{kind}\"")));
            }
        };
        // The driver cannot resolve every field of every event.
        Ok(Field { name: self.get("name")?, input, nullable: true, max_bytes })
    }
}

fn place(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn located(text: &str, at: Range<usize>, expected: impl Into<String>, found: impl Into<String>) -> Error {
    let mut error = toml::located(text, Some(at), &expected.into(), found.into());
    error.kind = ErrorKind::Manifest;
    error
}
