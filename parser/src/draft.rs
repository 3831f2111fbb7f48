//! Content as an author holds it: owned, editable, and able to be wrong. Compilers and generators make it, the text
//! form reads and writes it, and [`crate::channel::encode`] turns it into bytes.

use crate::channel::{self, ChannelFile, Entry, Operand};
use crate::model::*;
use alloc::{string::String, vec::Vec};
use core::net::IpAddr;

/// Everything that a channel file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The first number of the file's name.
    pub channel: Channel,
    /// The second number of the file's name.
    pub part: Part,
    /// The third number of the file's name.
    pub revision: ContentRevision,
    /// The template types that the content was written for, ascending by id.
    pub types: Vec<TemplateType>,
    /// What the rule authors wrote, in their order.
    pub detections: Vec<Detection>,
    /// Sections that this reader does not know, ascending by name; all optional.
    pub extra: Vec<ExtraSection>,
}

/// A template type as the content knows it: the fields it was written for, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateType {
    /// The id that sensors know it by.
    pub id: TypeId,
    /// The revision that the content was written for.
    pub revision: TypeRevision,
    /// The name that people know it by.
    pub name: String,
    /// The names of its fields, in order.
    pub fields: Vec<String>,
}

/// What a rule author wrote: it matches if an include instance does and no exclude instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The author's id of the rule.
    pub id: String,
    /// How grave a match is.
    pub level: Level,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Any of these matches (at least one) ...
    pub include: Vec<Instance>,
    /// ... and none of these.
    pub exclude: Vec<Instance>,
}

/// Where a detection comes from; the Detection Rule License asks that a match names the author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// What people call it.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// The licence it is under.
    pub licence: String,
    /// The file or address it was read from.
    pub source: String,
}

/// One set of criteria for one template type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    /// The position of its template type in [`Draft::types`].
    pub template: TypeIndex,
    /// Exactly one criterion for every field that the instance was written for.
    pub criteria: Vec<Criterion>,
}

/// What one field must satisfy: every clause. No clause is the wildcard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criterion {
    /// All of these hold.
    pub clauses: Vec<Clause>,
}

/// Any of, or none of, some patterns (at least one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Which of the two.
    pub quantifier: Quantifier,
    /// In the author's order.
    pub patterns: Vec<Pattern>,
}

/// One comparison with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One of the operators that compare text.
    Text {
        /// `Exact`, `Prefix`, `Suffix`, `Contains`, `Glob` or `Regex`.
        operator: TextOperator,
        /// Compare without case, as `FORMAT.md` defines it.
        nocase: bool,
        /// What to compare with.
        operand: String,
    },
    /// The input is this integer.
    Equal(i64),
    /// The input lies between the two, both included.
    Range(i64, i64),
    /// `input & mask == value`.
    Mask {
        /// The bits to look at.
        mask: u64,
        /// What they must be; no bit outside the mask.
        value: u64,
    },
    /// The input is an address of this network.
    Network {
        /// The network's address; the bits past the prefix are zero.
        address: IpAddr,
        /// How many leading bits count: up to 32 or 128.
        prefix: u8,
    },
    /// There is an input.
    Present,
    /// There is no input.
    Absent,
}

/// The operators that compare text: those of [`Operator`] for which [`Operator::is_text`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextOperator {
    /// [`Operator::Exact`]
    Exact,
    /// [`Operator::Prefix`]
    Prefix,
    /// [`Operator::Suffix`]
    Suffix,
    /// [`Operator::Contains`]
    Contains,
    /// [`Operator::Glob`]
    Glob,
    /// [`Operator::Regex`]
    Regex,
}

/// A section that this reader does not know, kept as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtraSection {
    /// Four bytes, ASCII letters or digits, no name that the format defines.
    pub name: [u8; 4],
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl From<TextOperator> for Operator {
    fn from(operator: TextOperator) -> Self {
        match operator {
            TextOperator::Exact => Self::Exact,
            TextOperator::Prefix => Self::Prefix,
            TextOperator::Suffix => Self::Suffix,
            TextOperator::Contains => Self::Contains,
            TextOperator::Glob => Self::Glob,
            TextOperator::Regex => Self::Regex,
        }
    }
}

impl Pattern {
    /// The operator it stores.
    pub fn operator(&self) -> Operator {
        match self {
            Self::Text { operator, .. } => (*operator).into(),
            Self::Equal(_) => Operator::Equal,
            Self::Range(..) => Operator::Range,
            Self::Mask { .. } => Operator::Mask,
            Self::Network { .. } => Operator::Network,
            Self::Present => Operator::Present,
            Self::Absent => Operator::Absent,
        }
    }
}

impl Criterion {
    /// Matches every input, and the absence of one.
    pub fn wildcard() -> Self {
        Self::default()
    }

    /// Whether it is the wildcard.
    pub fn is_wildcard(&self) -> bool {
        self.clauses.is_empty()
    }
}

/// All that an accepted file holds. What the bytes of a broken one do not say is left empty.
///
/// ```
/// use channel_parser::{channel, draft::Draft};
///
/// let bytes = channel::encode(&Draft::default()).unwrap();
/// assert_eq!(Draft::from(&channel::parse(&bytes).unwrap()), Draft::default());
/// ```
impl From<&ChannelFile<'_>> for Draft {
    fn from(file: &ChannelFile<'_>) -> Self {
        let header = file.header();
        let extra =
            |entry: Entry| ExtraSection { name: entry.name, bytes: file.section_bytes(&entry).to_vec() };
        Self {
            channel: header.channel,
            part: header.part,
            revision: header.revision,
            types: file.types().map(TemplateType::from).collect(),
            detections: file.detections().map(Detection::from).collect(),
            extra: file.extra_sections().map(extra).collect(),
        }
    }
}

fn owned(text: Option<&str>) -> String {
    text.map(String::from).unwrap_or_default()
}

impl From<channel::TemplateType<'_>> for TemplateType {
    fn from(view: channel::TemplateType<'_>) -> Self {
        let (id, revision, name) = (view.id(), view.revision(), owned(view.name()));
        Self { id, revision, name, fields: view.fields().map(owned).collect() }
    }
}

impl From<channel::Detection<'_>> for Detection {
    fn from(view: channel::Detection<'_>) -> Self {
        let provenance = view.provenance().map(|texts| Provenance {
            title: texts.title.into(),
            author: texts.author.into(),
            licence: texts.licence.into(),
            source: texts.source.into(),
        });
        Self {
            id: owned(view.id()),
            level: view.level().unwrap_or(Level::Informational),
            provenance: provenance.unwrap_or_default(),
            include: view.include().map(Instance::from).collect(),
            exclude: view.exclude().map(Instance::from).collect(),
        }
    }
}

impl From<channel::Instance<'_>> for Instance {
    fn from(view: channel::Instance<'_>) -> Self {
        let criterion =
            |view: channel::Criterion<'_>| Criterion { clauses: view.clauses().map(Clause::from).collect() };
        let template = view.template().map(|template| template.index()).unwrap_or_default();
        Self { template, criteria: view.criteria().map(criterion).collect() }
    }
}

impl From<channel::Clause<'_>> for Clause {
    fn from(view: channel::Clause<'_>) -> Self {
        let quantifier = view.quantifier().unwrap_or(Quantifier::AnyOf);
        Self { quantifier, patterns: view.patterns().filter_map(|view| Pattern::read(&view)).collect() }
    }
}

impl Pattern {
    /// A pattern of a file; `None` if its bytes are none.
    pub fn read(view: &channel::Pattern<'_>) -> Option<Self> {
        Some(match (view.operator()?, view.operand()?) {
            (operator, Operand::Text(text)) => {
                let operator = TextOperator::from_operator(operator)?;
                Self::Text { operator, nocase: view.nocase(), operand: text.into() }
            }
            (_, Operand::Integer(n)) => Self::Equal(n),
            (_, Operand::Range(low, high)) => Self::Range(low, high),
            (_, Operand::Mask { mask, value }) => Self::Mask { mask, value },
            (_, Operand::Network { address, prefix }) => Self::Network { address, prefix },
            (Operator::Absent, Operand::None) => Self::Absent,
            (_, Operand::None) => Self::Present,
        })
    }
}

impl TextOperator {
    /// The operator, if it compares text.
    pub const fn from_operator(operator: Operator) -> Option<Self> {
        match operator {
            Operator::Exact => Some(Self::Exact),
            Operator::Prefix => Some(Self::Prefix),
            Operator::Suffix => Some(Self::Suffix),
            Operator::Contains => Some(Self::Contains),
            Operator::Glob => Some(Self::Glob),
            Operator::Regex => Some(Self::Regex),
            _ => None,
        }
    }
}
