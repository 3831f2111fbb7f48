//! A Sysmon configuration (XML) -> the rule blob that Microsoft's compiler makes of it, byte for byte, with a source map.
//!
//! Two schemas matter. The one that the configuration names says which elements it may have; the one of the sensor that
//! compiles says which position each field and which number each operator has in the blob. What the first does not have
//! is refused with its place, and so is what the second cannot say. Options of the sensor that stand beside the rules
//! are checked for their names and are no part of the blob.
//!
//! ```
//! use channel_sources::{SourceFile, sysmon_xml};
//! use channel_parser::sysmon::{self, Version};
//!
//! let schema = sysmon_xml::Schema {
//!     version: Version(0x4_0032),
//!     binary_version: Version(0xd_0000),
//!     operators: vec!["is".into(), "end with".into()],
//!     default_operator: "is".into(),
//!     events: vec![sysmon_xml::EventType {
//!         id: 1,
//!         rule_name: "ProcessCreate".into(),
//!         fields: vec!["UtcTime".into(), "Image".into()],
//!     }],
//! };
//! let config = br#"<Sysmon schemaversion="4.50"><EventFiltering>
//!   <ProcessCreate onmatch="include">
//!     <Image condition="end with">\whoami.exe</Image>
//!   </ProcessCreate>
//! </EventFiltering></Sysmon>"#;
//! let file = SourceFile { name: "config.xml".into(), bytes: config.to_vec() };
//! let compiled = sysmon_xml::compile(&file, std::slice::from_ref(&schema), schema.version).unwrap();
//! let blob = sysmon::parse(&compiled.bytes).unwrap();
//! assert_eq!(blob.events().next().unwrap().filters().next().unwrap().value().to_string(), r"\whoami.exe");
//! assert_eq!(compiled.map.filter(0, 0).unwrap().to_string(), "config.xml:3:5");
//! ```

mod config;
mod decode;
mod emit;
mod map;
mod options;
mod refusal;
mod scan;
mod schema;

pub use map::RuleMap;
pub use options::{ConfigOption, OPTIONS};
pub use refusal::Refusal;
pub use schema::{EventType, Schema};

use crate::SourceFile;
use channel_parser::sysmon::draft::Draft;
use channel_parser::sysmon::{Version, encode};
use config::Reader;
use emit::Emitter;
use refusal::Source;

/// What became of a configuration.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The blob.
    pub bytes: Vec<u8>,
    /// The same as owned values.
    pub draft: Draft,
    /// Where each part of it was written.
    pub map: RuleMap,
    /// The schema version that the configuration names.
    pub schema: Version,
}

/// Compiles a configuration for the sensor of one of these schemas; where none is named for that of the newest which takes
/// configurations of this age, those of an older major version being refused by all that are newer.
///
/// The configuration may have what the newest of the schemas has that is not newer than the one it names.
///
/// # Errors
///
/// Everything that is wrong with the configuration, in the order of its lines.
pub fn compile(
    file: &SourceFile,
    schemas: &[Schema],
    sensor: impl Into<Option<Version>>,
) -> Result<Compiled, Vec<Refusal>> {
    let source = Source::decode(file).map_err(|refusal| vec![refusal])?;
    let document = source.parse().map_err(|refusal| vec![refusal])?;
    let root = document.root_element();
    let version = sensor.into().unwrap_or_else(|| newest_for(root.attribute("schemaversion"), schemas));
    let Some(sensor) = schemas.iter().find(|schema| schema.version == version) else {
        return Err(vec![source.refuse(root, "a schema for the sensor", &version.to_string())]);
    };
    let mut reader = Reader { source: &source, schemas, sensor, refusals: Vec::new() };
    let config = reader.config(root);
    let mut refusals = reader.refusals;
    let mut emitter = Emitter::new(&source, sensor);
    if let Some(config) = &config {
        emitter.config(config);
    }
    refusals.append(&mut emitter.refusals);
    if !refusals.is_empty() {
        refusals.sort_by_key(|refusal| (refusal.line, refusal.column));
        return Err(refusals);
    }
    let Emitter { draft, map, .. } = emitter;
    let schema = config.map(|config| config.schema).unwrap_or_default();
    match encode(&draft) {
        Ok(bytes) => Ok(Compiled { bytes, draft, map, schema }),
        Err(error) => Err(vec![source.refuse(root, "rules that fit a blob", &error.to_string())]),
    }
}

/// The newest schema whose major version is not newer than the one named; the newest of all if there is none.
fn newest_for(named: Option<&str>, schemas: &[Schema]) -> Version {
    let named = named.and_then(schema::read_version);
    let versions = || schemas.iter().map(|schema| schema.version);
    let takes = |version: &Version| named.is_some_and(|named| version.0 >> 16 <= named.0 >> 16);
    versions().filter(takes).max().or(versions().max()).unwrap_or_default()
}
