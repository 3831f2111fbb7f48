//! Which line of a configuration each part of its blob comes from, and its JSON form, which lies beside the blob as
//! `FILE.map.json`.
//!
//! ```json
//! {"version":1,"content":"","compiler":"4.81","file":"config.xml","events":[[3,5,[[4,7],[5,7]]]],"groups":[[6,7]]}
//! ```
//! An event is `[line, column, filters]`; a filter or a group is `[line, column]`; groups are the aggregations of the
//! whole blob. Lines and columns (in characters) count from 1. `content` is the SHA-256 digest of the blob that the map
//! is of, in hexadecimal; empty as long as there is none. `compiler` is the schema of the sensor that it was compiled for,
//! which the blob itself does not name.

use crate::limits;
use crate::map::{At, MapError, Place};
use serde::{Deserialize, Serialize};

/// The places of all parts of one blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleMap {
    version: u32,
    /// The digest of the blob that it is of; a map of another leads to the wrong lines.
    pub content: String,
    /// The schema whose positions of fields and numbers of operators are in the blob, such as `4.81`.
    pub compiler: String,
    file: String,
    pub(super) events: Vec<EventPlace>,
    pub(super) groups: Vec<At>,
}

/// Place, filters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventPlace(pub u32, pub u32, pub Vec<At>);

impl RuleMap {
    const VERSION: u32 = 1;

    pub(super) fn new(file: &str, compiler: &str) -> Self {
        Self {
            version: Self::VERSION,
            content: String::new(),
            compiler: compiler.into(),
            file: file.into(),
            events: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Where an event was written.
    pub fn event(&self, event: usize) -> Option<Place<'_>> {
        let EventPlace(line, column, _) = self.events.get(event)?;
        Some(self.place(At(*line, *column)))
    }

    /// Where a filter was written; filters count through the event, those of groups too.
    pub fn filter(&self, event: usize, filter: usize) -> Option<Place<'_>> {
        self.events.get(event)?.2.get(filter).map(|at| self.place(*at))
    }

    /// Where an aggregation was written; aggregations count through the blob.
    pub fn group(&self, group: usize) -> Option<Place<'_>> {
        self.groups.get(group).map(|at| self.place(*at))
    }

    fn place(&self, At(line, column): At) -> Place<'_> {
        Place { file: &self.file, line, column }
    }

    /// The JSON form, in one line.
    pub fn to_json(&self) -> String {
        // A map of numbers and strings always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the JSON form, and believes none of its numbers.
    ///
    /// # Errors
    ///
    /// What is no source map of this version.
    pub fn from_json(text: &str) -> Result<Self, MapError> {
        if text.len() > limits::MAP_BYTES {
            return Err(MapError(format!("{} bytes, at most {} are read", text.len(), limits::MAP_BYTES)));
        }
        let map: Self = serde_json::from_str(text).map_err(|e| MapError(e.to_string()))?;
        if map.version == Self::VERSION {
            return Ok(map);
        }
        Err(MapError(format!("version {}, expected {}", map.version, Self::VERSION)))
    }
}
