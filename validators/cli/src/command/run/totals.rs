//! What a run came to.

use crate::exit::Exit;
use channel_gate::consumer::Comparison;
use channel_gate::events::{Part, Replay, Told, Why};
use channel_interpreter::Fault;
use channel_parser::model::{DetectionIndex, Level, TypeId};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a match must be able to show: the Detection Rule License asks for the author.
#[derive(Serialize)]
pub struct Named<'a> {
    pub id: &'a str,
    pub title: &'a str,
    #[serde(serialize_with = "level")]
    pub level: Option<Level>,
    pub author: &'a str,
}

fn level<S: serde::Serializer>(level: &Option<Level>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(level.map_or("", Level::word))
}

/// What a run came to so far, and on what.
pub struct Totals<'a> {
    pub content: &'a Path,
    pub sensor: String,
    pub files: &'a [PathBuf],
    /// How many other files lie in their folders.
    pub passed_over: u64,
    pub is_blob: bool,
    pub detections: Vec<Named<'a>>,
    /// How many events each detection matched.
    pub matches: Vec<u64>,
    /// What loading the content alone would have brought about.
    pub load_faults: Vec<Fault>,
    pub events: u64,
    /// Events that a detection matched.
    pub matched: u64,
    pub faults: u64,
    pub unread: u64,
    /// Those of each file.
    pub unread_of: Vec<u64>,
    pub elsewhere: BTreeMap<String, u64>,
    /// What Sysmon does: by event id, whether it is logged, and the name that is logged with it; none by default.
    pub ruled: BTreeMap<(TypeId, bool, Option<String>), u64>,
    /// How many values of a kind, and the file and number of the first.
    pub loose: BTreeMap<(TypeId, String, Why), (u64, usize, u64)>,
    /// What the vendor's own interpreter did on the same events.
    pub consumer: Option<Comparison>,
}

impl<'a> Totals<'a> {
    pub fn new(replay: &Replay<'a>, files: &'a [PathBuf], passed_over: u64, content: &'a Path) -> Self {
        let named = |detection: channel_parser::channel::Detection<'a>| {
            let of = detection.provenance();
            Named {
                id: detection.id().unwrap_or_default(),
                title: of.map_or("", |of| of.title),
                level: detection.level(),
                author: of.map_or("", |of| of.author),
            }
        };
        let detections: Vec<_> =
            replay.file().into_iter().flat_map(|file| file.detections()).map(named).collect();
        Self {
            is_blob: replay.file().is_none(),
            content,
            sensor: replay.contract().label(),
            files,
            passed_over,
            matches: vec![0; detections.len()],
            detections,
            load_faults: replay.load_faults(),
            events: 0,
            matched: 0,
            faults: 0,
            unread: 0,
            unread_of: vec![0; files.len()],
            elsewhere: BTreeMap::new(),
            ruled: BTreeMap::new(),
            loose: BTreeMap::new(),
            consumer: None,
        }
    }

    pub fn add(&mut self, part: Part) {
        self.events += part.events;
        for (_, told) in &part.told {
            let Told::Seen(_, seen) = told else {
                self.unread += 1;
                if let Some(of) = self.unread_of.get_mut(part.file) {
                    *of += 1;
                }
                continue;
            };
            self.matched += u64::from(seen.is_decided());
            self.faults += u64::from(seen.fault.is_some());
            for detection in &seen.detections {
                if let Some(matches) = self.matches.get_mut(detection.0 as usize) {
                    *matches += 1;
                }
            }
        }
        for (source, count) in part.elsewhere {
            *self.elsewhere.entry(source).or_default() += count;
        }
        for (kind, count) in part.ruled {
            *self.ruled.entry(kind).or_default() += count;
        }
        for (kind, (count, first)) in part.loose {
            self.loose.entry(kind).or_insert((0, part.file, first)).0 += count;
        }
    }

    /// Faults come first: they are what was looked for. Then what was not looked at.
    pub fn exit(&self) -> Exit {
        let problem = |consumer: &Comparison| !consumer.problems.is_empty();
        let unrun = |consumer: &Comparison| consumer.unrun.is_some();
        if self.faults > 0 || !self.load_faults.is_empty() || self.consumer.as_ref().is_some_and(problem) {
            Exit::Refused
        } else if self.unread > 0 || self.events == 0 || self.consumer.as_ref().is_some_and(unrun) {
            Exit::CannotJudge
        } else {
            Exit::Pass
        }
    }

    pub fn detection(&self, index: DetectionIndex) -> Option<&Named<'a>> {
        self.detections.get(index.0 as usize)
    }

    /// The name of a file.
    pub fn file(&self, file: usize) -> String {
        self.files.get(file).map(|file| file.display().to_string()).unwrap_or_default()
    }

    /// Where an event is.
    pub fn place(&self, file: usize, number: u64) -> String {
        if number == 0 { self.file(file) } else { format!("{}:{number}", self.file(file)) }
    }

    /// The detections that matched, the most frequent first.
    pub fn ranking(&self) -> Vec<(u64, &Named<'a>)> {
        let mut ranking: Vec<_> =
            self.matches.iter().copied().zip(&self.detections).filter(|(matches, _)| *matches > 0).collect();
        ranking.sort_by_key(|(matches, named)| (std::cmp::Reverse((*matches, named.level)), named.id));
        ranking
    }

    pub fn progress(&self) -> String {
        format!("{} events, {} matched", self.events, self.matched)
    }
}
