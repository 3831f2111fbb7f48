//! Which line of which file each part of a detection comes from, and its JSON form. It lies beside the channel file
//! as `FILE.map.json` and is read back with the same distrust as everything else.

use crate::limits;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The name of the source file.
    pub file: &'a str,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The places of all detections of one content file, in their order.
///
/// Its JSON form:
///
/// ```json
/// {"version":1,
///  "content":"",
///  "files":["whoami.yml"],
///  "detections":[[0,2,1,[[7,9,[[0,7,9,[[7,9]]]]]]]]}
/// ```
/// A detection is `[file, line, column, instances]`, its instances in the order include, exclude; an instance is
/// `[line, column, criteria]`; a criterion is `[field, line, column, clauses]`, fields ascending, wildcards left out;
/// a clause is `[line, column]`. Lines and columns (in characters) count from 1. `content` is the SHA-256 digest of
/// the content file that the map is of, in hexadecimal; empty as long as there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceMap {
    version: u32,
    /// The digest of the content file that it is of; a map of other content leads to the wrong lines.
    pub content: String,
    files: Vec<String>,
    pub(crate) detections: Vec<DetectionPlace>,
}

/// A line and a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct At(pub u32, pub u32);

/// File, place, instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DetectionPlace(pub u32, pub u32, pub u32, pub Vec<InstancePlace>);

/// Place, criteria.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InstancePlace(pub u32, pub u32, pub Vec<CriterionPlace>);

/// Field, place, clauses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CriterionPlace(pub u32, pub u32, pub u32, pub Vec<At>);

/// Why a source map was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapError(pub(crate) String);

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a source map: {}", self.0)
    }
}

impl std::error::Error for MapError {}

impl Default for SourceMap {
    fn default() -> Self {
        Self { version: Self::VERSION, content: String::new(), files: Vec::new(), detections: Vec::new() }
    }
}

impl SourceMap {
    const VERSION: u32 = 1;

    pub(crate) fn new(files: Vec<String>, detections: Vec<DetectionPlace>) -> Self {
        Self { version: Self::VERSION, content: String::new(), files, detections }
    }

    /// How many detections it knows.
    pub fn len(&self) -> usize {
        self.detections.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.detections.is_empty()
    }

    /// Keeps the detections for which the answer is yes, given their positions.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let mut position = 0..;
        self.detections.retain(|_| position.next().is_some_and(&mut keep));
    }

    /// Where the rule begins that became this detection.
    pub fn detection(&self, detection: usize) -> Option<Place<'_>> {
        let d = self.detections.get(detection)?;
        self.at(d, d.1, d.2)
    }

    /// Where an instance comes from; instances count through include, then exclude.
    pub fn instance(&self, detection: usize, instance: usize) -> Option<Place<'_>> {
        let d = self.detections.get(detection)?;
        let i = d.3.get(instance)?;
        self.at(d, i.0, i.1)
    }

    /// Where the criterion of a field comes from. A wildcard has no place of its own: it is the instance's.
    pub fn place(&self, detection: usize, instance: usize, field: u32) -> Option<Place<'_>> {
        let d = self.detections.get(detection)?;
        let i = d.3.get(instance)?;
        match criterion(i, field) {
            Some(c) => self.at(d, c.1, c.2),
            None => self.at(d, i.0, i.1),
        }
    }

    /// Where one clause of a criterion comes from.
    pub fn clause(&self, detection: usize, instance: usize, field: u32, clause: usize) -> Option<Place<'_>> {
        let d = self.detections.get(detection)?;
        let At(line, column) = *criterion(d.3.get(instance)?, field)?.3.get(clause)?;
        self.at(d, line, column)
    }

    fn at(&self, detection: &DetectionPlace, line: u32, column: u32) -> Option<Place<'_>> {
        let file = self.files.get(usize::try_from(detection.0).ok()?)?;
        Some(Place { file, line, column })
    }

    /// The JSON form, in one line.
    pub fn to_json(&self) -> String {
        // A map of numbers and strings always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the JSON form, and believes none of its numbers.
    pub fn from_json(text: &str) -> Result<Self, MapError> {
        if text.len() > limits::MAP_BYTES {
            return Err(MapError(format!("{} bytes, at most {} are read", text.len(), limits::MAP_BYTES)));
        }
        let map: Self = serde_json::from_str(text).map_err(|e| MapError(e.to_string()))?;
        map.check()?;
        Ok(map)
    }

    fn check(&self) -> Result<(), MapError> {
        if self.version != Self::VERSION {
            return Err(MapError(format!("version {}, expected {}", self.version, Self::VERSION)));
        }
        for (n, d) in self.detections.iter().enumerate() {
            if self.at(d, d.1, d.2).is_none() {
                let files = self.files.len();
                return Err(MapError(format!("detection {n} is in file {}, but there are {files}", d.0)));
            }
            for i in &d.3 {
                if !i.2.is_sorted_by(|a, b| a.0 < b.0) {
                    return Err(MapError(format!(
                        "the fields of an instance of detection {n} do not ascend"
                    )));
                }
            }
        }
        Ok(())
    }
}

fn criterion(instance: &InstancePlace, field: u32) -> Option<&CriterionPlace> {
    let at = instance.2.binary_search_by_key(&field, |c| c.0).ok()?;
    instance.2.get(at)
}
