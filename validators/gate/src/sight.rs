//! What the rules of the gate see: one file beside one sensor, what the validator said of the two, and what was seen when
//! the file was executed.

use crate::execute::{Execution, Faulted};
use crate::witness::{self, claims};
use channel_contract::Contract;
use channel_interpreter::{Automata, Fault};
use channel_parser::Path;
use channel_parser::model::TypeIndex;
use channel_parser::model::view::Content;
use channel_validators::{Code, Finding, Member, Severity, Witness};
use std::cell::{Cell, OnceCell};
use std::ops::Range;

/// One file executed on one sensor.
pub struct Sight<'a> {
    /// The file.
    pub content: &'a Content<'a>,
    /// The sensor.
    pub member: &'a Member,
    /// What was seen.
    pub execution: &'a Execution,
    /// What the validator found for this sensor, or for any.
    pub known: Vec<&'a Finding>,
    /// The rules of the validator that have more findings than are kept.
    pub counted: Vec<Code>,
    /// The template type of each instance.
    types: Vec<Option<TypeIndex>>,
    /// The regular expressions of the file, built when they are first wanted.
    automata: OnceCell<Automata>,
    /// Rows that witnesses looked at.
    spent: Cell<u64>,
}

impl<'a> Sight<'a> {
    /// Puts them together; of the findings those that are about this sensor or about none.
    pub fn new(
        content: &'a Content<'a>,
        member: &'a Member,
        execution: &'a Execution,
        findings: &'a [Finding],
    ) -> Self {
        let known = findings.iter().filter(|finding| is_about(finding, member)).collect();
        let types = match content {
            Content::Channel(file) => file.instances().map(|one| Some(one.template()?.index())).collect(),
            Content::Blob(_) => Vec::new(),
        };
        Self {
            content,
            member,
            execution,
            known,
            counted: Vec::new(),
            types,
            automata: OnceCell::new(),
            spent: Cell::new(0),
        }
    }

    /// The sensor's contract.
    pub fn contract(&self) -> &'a Contract {
        &self.member.contract
    }

    /// The regular expressions of the file, if it is one that has such.
    pub fn automata(&self) -> &Automata {
        self.automata.get_or_init(|| match self.content {
            Content::Channel(file) => Automata::new(file),
            Content::Blob(_) => Automata::default(),
        })
    }

    /// Whether one more witness may look at the whole file.
    pub fn spend(&self) -> bool {
        let rows = match self.content {
            Content::Channel(file) => file.patterns().len() as u64,
            Content::Blob(blob) => blob.bytes().len() as u64 / 600,
        };
        self.spent.set(self.spent.get().saturating_add(rows).saturating_add(100));
        self.spent.get() <= witness::BUDGET
    }

    /// The sensor's label.
    pub fn label(&self) -> String {
        self.member.contract.label()
    }

    /// Whether a finding of the validator says what this fault says, or says something of which it is a consequence.
    pub fn explains(&self, fault: &Fault) -> bool {
        let counted = |code: &Code| claims(*code).kinds.contains(&fault.kind);
        self.counted.iter().any(counted)
            || self.known.iter().any(|finding| {
                let of = claims(finding.code);
                // What no reader accepts has no one meaning anywhere.
                let everywhere = of.unsettles && finding.code.0 < 200;
                let here = self.meets(finding, fault);
                let instance = of.unsettles && is_about_all_of(&finding.path, &fault.path);
                everywhere || here && (of.kinds.contains(&fault.kind) || of.unsettles) || instance
            })
    }

    /// Whether a finding and a fault are about the same place or the same bytes.
    pub fn meets(&self, finding: &Finding, fault: &Fault) -> bool {
        let mut labels = finding.related.iter().map(|label| &label.span).chain(&finding.span);
        let same = |span: &Range<u64>| labels.any(|other| span == other && !span.is_empty());
        self.concerns(&finding.path, &fault.path) || fault.span.as_ref().is_some_and(same)
    }

    /// Whether the validator found something worse than a note at this place.
    pub fn is_known(&self, path: &Path) -> bool {
        let grave = |finding: &&&Finding| finding.severity > Severity::Note;
        self.known.iter().filter(grave).any(|finding| self.concerns(&finding.path, path))
    }

    /// Whether one place lies in the other, or is of the template type that the other is.
    pub fn concerns(&self, finding: &Path, place: &Path) -> bool {
        let within = |a: &Path, b: &Path| {
            b.steps().zip(a.steps()).all(|(b, a)| a == b) && a.steps().count() <= b.steps().count()
        };
        if within(finding, place) || within(place, finding) {
            return true;
        }
        let (Some(("types", Some(of))), Some(("instances", Some(index)))) =
            (finding.steps().next(), place.steps().next())
        else {
            return false;
        };
        usize::try_from(index).ok().and_then(|index| self.types.get(index)) == Some(&Some(TypeIndex(of)))
    }

    /// The witness of a fault.
    pub fn witness_of(&self, faulted: &Faulted) -> Witness {
        witness::of_fault(self, faulted, &faulted.fault.path)
    }
}

/// Whether a finding is about a sensor, or about the file whatever the sensor.
pub fn is_about(finding: &Finding, member: &Member) -> bool {
    match &finding.sensor {
        None => true,
        Some(sensor) => {
            *sensor == member.contract.label() && finding.contract.as_deref() == Some(member.origin.as_str())
        }
    }
}

/// Whether a finding is about an instance as a whole, and a place lies in that instance.
fn is_about_all_of(finding: &Path, place: &Path) -> bool {
    finding.steps().next() == place.steps().next()
        && finding.steps().nth(1).is_none_or(|(name, _)| name != "criteria")
}
