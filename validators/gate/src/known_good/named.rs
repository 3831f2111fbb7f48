//! What a match can be expected of: the names that a list may give, and where each stands in the content.

use crate::Record;
use crate::events::Seen;
use channel_contract::Contract;
use channel_parser::Path;
use channel_parser::model::TypeId;
use channel_parser::model::view::Content;
use channel_parser::sysmon::Blob;
use std::collections::BTreeMap;
use std::ops::Range;

/// Where something with a name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its place.
    pub path: Path,
    /// The bytes of it.
    pub span: Range<u64>,
    /// What it is.
    pub what: &'static str,
}

/// Everything in content that a match can be expected of. In a channel file the detections, by their ids; in a rule blob the
/// rules, by the name that Sysmon logs; the filters, by their place; and what there is for an event, by the event's name on
/// this sensor.
pub fn named(content: &Content<'_>, contract: &Contract) -> BTreeMap<String, Named> {
    let mut all = BTreeMap::new();
    match content {
        Content::Channel(file) => {
            for detection in file.detections() {
                let (path, span) = (detection.path(), detection.id_span());
                let id = detection.id().unwrap_or_default().to_owned();
                all.entry(id).or_insert(Named { path, span, what: "detection" });
            }
        }
        Content::Blob(blob) => of_blob(blob, contract, &mut all),
    }
    all
}

fn of_blob(blob: &Blob<'_>, contract: &Contract, all: &mut BTreeMap<String, Named>) {
    let filters = || blob.events().flat_map(|event| event.filters());
    let groups = blob.aggregations().map(|group| (group.name(), group.path(), group.name_span()));
    let rules = filters().map(|filter| (filter.name(), filter.path(), filter.name_span())).chain(groups);
    for (name, path, span) in rules.filter(|(name, ..)| !name.is_empty()) {
        all.entry(name.to_string()).or_insert(Named { path, span, what: "rule" });
    }
    for filter in filters() {
        let (path, span) = (filter.path(), filter.span());
        all.entry(path.to_string()).or_insert(Named { path, span, what: "filter" });
    }
    for event in blob.events() {
        let Some(template) = contract.template(TypeId(event.id())) else { continue };
        let (path, span) = (event.path(), event.span());
        all.entry(template.name.clone()).or_insert(Named { path, span, what: "event" });
    }
}

/// The names under which an event has matched, of a channel file those of these detections.
pub(super) fn names(seen: &Seen, record: &Record, ids: &[&str], contract: &Contract) -> Vec<String> {
    let matched = seen.detections.iter().filter_map(|index| ids.get(usize::try_from(index.0).ok()?));
    let mut names: Vec<String> = matched.map(|id| (*id).to_owned()).collect();
    if let Some(ruled) = seen.ruled.as_ref().filter(|ruled| ruled.logged) {
        names.extend(Some(ruled.name.clone()).filter(|name| !name.is_empty()));
        names.extend(ruled.by.map(|path| path.to_string()));
        names.extend(contract.template(record.template).map(|template| template.name.clone()));
    }
    names.sort();
    names.dedup();
    names
}
