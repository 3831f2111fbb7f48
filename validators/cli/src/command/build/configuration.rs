//! A Sysmon configuration becomes the rule blob that Microsoft's compiler makes of it.

use super::Built;
use crate::content::{self, For, Map};
use crate::exit::Failure;
use crate::input;
use channel_parser::limits::FILE_BYTES;
use channel_parser::sysmon::Version;
use channel_sources::sysmon_xml::Compiled;
use channel_validators::Member;
use std::path::Path;

/// Compiles the configuration for the sensor that is named, or with the newest tables that come along.
pub(super) fn build(path: &Path, fleet: Vec<Member>) -> Result<Built, Failure> {
    let sensor = match fleet.first().map(|member| &member.contract) {
        None => None,
        Some(contract) => Some(contract.sysmon.as_ref().ok_or_else(|| {
            Failure::wrong_use(format!("{} reads no Sysmon configurations", contract.label()))
        })?),
    };
    let version = sensor.map(|sensor| Version(sensor.schema.number()));
    let Compiled { bytes, draft, map, schema } =
        content::configuration(path, input::read(path, FILE_BYTES)?, &For::Schema(version))?;
    let (events, ending) = (draft.events.len(), if draft.events.len() == 1 { "" } else { "s" });
    let mut lines =
        vec![format!("built    the rules of {events} event{ending}, written for schema {schema}")];
    if fleet.is_empty() {
        lines.push("not judged: no sensor is named; `contentgate check` judges it for sysmon:all".into());
    }
    Ok(Built { name: "rules".into(), bytes, map: Map::Blob(map), fleet, lines })
}
