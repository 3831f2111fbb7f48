//! A finding: one violation of one rule at one place, with both sides of the contradiction. Every report shows the
//! same value; none adds to it.

use crate::rules::Rule;
use crate::subject::KEPT;
use crate::{Member, SensorStatus, Witness};
use channel_parser::Path;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// The code of a rule, such as `CG301`. Codes are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CG{:03}", self.0)
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.strip_prefix("CG").or_else(|| text.strip_prefix("cg")).ok_or(())?;
        let code = digits.parse().map_err(|_| ())?;
        (digits.len() == 3).then_some(Self(code)).ok_or(())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a finding does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not meant; the sensor takes it.
    Warning,
    /// The content must not ship.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Bytes of the file, and what they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Their offsets in the file.
    pub span: Range<u64>,
    /// A few words.
    pub text: String,
}

/// A place in what an author wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourcePlace {
    /// The file, as the author names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// One violation of one rule at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub code: Code,
    /// The rule's name.
    pub rule: &'static str,
    /// What it does to the verdict.
    pub severity: Severity,
    /// One sentence that names the thing and both numbers.
    pub message: String,
    /// The place in the content's structure.
    #[serde(serialize_with = "path")]
    pub path: Path,
    /// The bytes at fault; `None` if it is about no particular bytes.
    pub span: Option<Range<u64>>,
    /// A few words about those bytes.
    pub label: String,
    /// The other end of the contradiction, and what helps to see it.
    pub related: Vec<Label>,
    /// What had to be there.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// Which sensor it is about: its label. `None` if it is about the file alone.
    pub sensor: Option<String>,
    /// Where the sensor's contract was read from.
    pub contract: Option<String>,
    /// What the contract states there, as its key and value; empty if it is about the file alone.
    pub stated: String,
    /// The author's id of the detection that it is in.
    pub detection: Option<String>,
    /// Where the author wrote it.
    pub source: Option<SourcePlace>,
    /// What to do about it.
    pub help: String,
    /// The fault that it prevents, shown; `None` if nobody looked for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
}

fn path<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(path)
}

impl Finding {
    /// A finding of a rule at a place; the rest is added with the methods below.
    pub fn new<C>(rule: &Rule<C>, path: Path, message: impl Into<String>) -> Self {
        Self {
            code: rule.code,
            rule: rule.name,
            severity: rule.severity,
            message: message.into(),
            path,
            span: None,
            label: String::new(),
            related: Vec::new(),
            expected: String::new(),
            found: String::new(),
            sensor: None,
            contract: None,
            stated: String::new(),
            detection: None,
            source: None,
            help: String::new(),
            witness: None,
        }
    }

    /// The bytes at fault, with a few words about them.
    pub fn at(mut self, span: Range<u64>, label: impl Into<String>) -> Self {
        self.span = Some(span);
        self.label = label.into();
        self
    }

    /// What had to be there and what is.
    pub fn sides(mut self, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        self.expected = expected.to_string();
        self.found = found.to_string();
        self
    }

    /// Other bytes that matter; none are shown for an empty span.
    pub fn also(mut self, span: Range<u64>, text: impl Into<String>) -> Self {
        if !span.is_empty() {
            self.related.push(Label { span, text: text.into() });
        }
        self
    }

    /// The key of the sensor's contract that speaks against it, and its value.
    pub fn stated(mut self, key: impl fmt::Display, value: impl fmt::Display) -> Self {
        self.stated = format!("{key} = {value}");
        self
    }

    /// What to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// Collects the findings of one run: of each rule the first for each sensor, and how many there are.
#[derive(Debug, Default)]
pub struct Findings {
    all: Vec<Finding>,
    counts: BTreeMap<Code, u64>,
    /// Those for the sensor at hand.
    here: BTreeMap<Code, u64>,
}

impl Findings {
    /// Adds one, or only counts it if there are many like it.
    pub fn push(&mut self, finding: Finding) {
        self.count(finding.code, 1);
        let here = self.here.entry(finding.code).or_default();
        *here += 1;
        if *here <= KEPT {
            self.all.push(finding);
        }
    }

    /// Counts more of a rule without having them.
    pub(crate) fn count(&mut self, code: Code, more: u64) {
        if more > 0 {
            *self.counts.entry(code).or_default() += more;
        }
    }

    /// How many there are of a rule, those that were only counted included.
    pub fn of(&self, code: Code) -> u64 {
        self.counts.get(&code).copied().unwrap_or(0)
    }

    /// Adds those that a check finds for one sensor.
    pub fn for_sensor(&mut self, member: &Member, check: impl FnOnce(&mut Self)) -> SensorStatus {
        let before = self.all.len();
        self.here.clear();
        check(self);
        for finding in self.all.iter_mut().skip(before) {
            finding.sensor = Some(member.contract.label());
            finding.contract = Some(member.origin.clone());
        }
        let (sensor, contract) = (member.contract.label(), member.origin.clone());
        SensorStatus { sensor, contract, findings: std::mem::take(&mut self.here) }
    }

    /// All of them in their fixed order: by place, rule, sensor.
    pub(crate) fn sorted(mut self) -> Vec<Finding> {
        Self::sort(&mut self.all);
        self.all
    }

    /// Puts findings into their fixed order.
    pub(crate) fn sort(all: &mut [Finding]) {
        // Two sensors of one name and one origin still differ in what they state.
        type Key<'a> = (u64, u64, Code, Path, [&'a Option<String>; 2], [&'a str; 4]);
        fn key(finding: &Finding) -> Key<'_> {
            let Finding { code, path, sensor, contract, message, stated, expected, found, .. } = finding;
            let (start, end) = finding.span.as_ref().map_or((0, 0), |span| (span.start, span.end));
            (start, end, *code, *path, [sensor, contract], [message, stated, expected, found])
        }
        all.sort_by(|a, b| key(a).cmp(&key(b)));
    }
}
