//! From text to a draft and its damage, line by line, without recursion. What the writer would refuse is refused here,
//! where the line is known.

use super::TextError;
use super::damage::{self, Damage};
use super::line::{Line, Place};
use crate::channel::{self, Table};
use crate::draft::*;
use crate::limits;
use crate::model::{Channel, ContentRevision, Level, Operator, Quantifier, TypeId, TypeIndex, TypeRevision};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What a text describes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The content.
    pub draft: Draft,
    /// What happens to its bytes afterwards, in order.
    pub damage: Vec<Damage>,
}

/// Reads a text.
///
/// # Errors
///
/// What is not in the grammar, and what the layout of a channel file cannot say.
pub fn parse(text: &str) -> Result<Document, TextError> {
    let mut reader = Reader::default();
    for (number, line) in (1u32..).zip(text.lines()) {
        let line = Line::new(number, line)?;
        reader.last = line.place();
        if !line.is_empty() {
            reader.line(line)?;
        }
    }
    reader.close()?;
    match reader.part {
        Part::Nothing => Err(reader.last.error("`channel-file 1`", "the end of the text")),
        Part::Version => Err(reader.last.error("`channel`", "the end of the text")),
        _ => Ok(reader.document),
    }
}

/// The part of the text that the next line may continue.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Nothing,
    Version,
    Numbers,
    Type,
    Detection,
    /// An instance of the template type with this index, and whether it is excluded.
    Instance(u32, bool),
    Section,
    Damage,
}

#[derive(Clone, Copy)]
struct OpenClause {
    field: usize,
    place: Place,
    hollow: bool,
}

#[derive(Default)]
struct Reader {
    document: Document,
    part: Part,
    /// For each template type, the index of each field; `None` for a name that several fields have.
    fields: Vec<BTreeMap<String, Option<u32>>>,
    /// How many criteria all instances have.
    criteria: usize,
    /// The clause that may take more patterns.
    clause: Option<OpenClause>,
    /// The line that opened a part which still lacks what it must have, and what that is.
    hollow: Option<(Place, &'static str)>,
    /// The line being read.
    last: Place,
}

impl Reader {
    fn line(&mut self, mut line: Line<'_>) -> Result<(), TextError> {
        let word = line.word();
        match self.part {
            Part::Nothing => return self.version(line),
            Part::Version => return self.numbers(line),
            Part::Instance(template, exclude) => {
                if let Some(rest) = target(line) {
                    return self.clause(line, rest, template, exclude);
                }
                if Operator::from_word(word).is_some() {
                    return self.pattern(&mut line, exclude).and_then(|()| line.end());
                }
            }
            Part::Type if word == "field" => return self.field(line),
            Part::Section if hex(word) => return self.bytes(line),
            _ => {}
        }
        match (self.part, word) {
            (Part::Damage, word) if !damage::is_damage(word) => {
                Err(line.expected("another line of damage, or none"))
            }
            (Part::Detection | Part::Instance(..), "include" | "exclude") => {
                self.instance(line, word == "exclude")
            }
            (Part::Detection, "title" | "author" | "licence" | "source") => self.provenance(line, word),
            (_, "type") => self.template(line),
            (_, "detection") => self.detection(line),
            (_, "section") => self.section(line),
            (_, word) if damage::is_damage(word) => self.damage(line),
            _ => Err(line.expected(self.part.continued())),
        }
    }

    /// Checks that the part before the next one is whole.
    fn close(&mut self) -> Result<(), TextError> {
        self.close_clause()?;
        match self.hollow.take() {
            Some((place, missing)) => Err(place.error(missing, "none")),
            None => Ok(()),
        }
    }

    fn close_clause(&mut self) -> Result<(), TextError> {
        match self.clause.take() {
            Some(clause) if clause.hollow => Err(clause.place.error("a clause with a pattern", "none")),
            _ => Ok(()),
        }
    }

    fn version(&mut self, mut line: Line<'_>) -> Result<(), TextError> {
        line.keyword("channel-file")?;
        line.keyword("1")?;
        self.part = Part::Version;
        line.end()
    }

    fn numbers(&mut self, mut line: Line<'_>) -> Result<(), TextError> {
        let number = "a number of 32 bits";
        line.keyword("channel")?;
        self.document.draft.channel = Channel(line.number(number)?);
        line.keyword("part")?;
        self.document.draft.part = crate::model::Part(line.number(number)?);
        line.keyword("revision")?;
        self.document.draft.revision = ContentRevision(line.number(number)?);
        self.part = Part::Numbers;
        line.end()
    }

    fn template(&mut self, mut line: Line<'_>) -> Result<(), TextError> {
        self.close()?;
        let place = line.place();
        line.keyword("type")?;
        let at = line;
        let id = TypeId(line.number("the id of a template type")?);
        if let Some(before) = self.document.draft.types.last().filter(|before| before.id >= id) {
            return Err(at.expected(format!("an id above {}, the one before it", before.id)));
        }
        line.keyword("revision")?;
        let revision = TypeRevision(line.number("a number of 32 bits")?);
        let name = line.name("the name of the template type")?;
        self.document.draft.types.push(TemplateType { id, revision, name, fields: Vec::new() });
        self.fields.push(BTreeMap::new());
        self.hollow = Some((place, "a template type with a field"));
        self.part = Part::Type;
        line.end()
    }

    fn field(&mut self, mut line: Line<'_>) -> Result<(), TextError> {
        line.keyword("field")?;
        let name = line.name("the name of the field")?;
        if let (Some(template), Some(fields)) = (self.document.draft.types.last_mut(), self.fields.last_mut())
        {
            let index = u32::try_from(template.fields.len()).ok();
            fields.entry(name.clone()).and_modify(|index| *index = None).or_insert(index);
            template.fields.push(name);
        }
        self.hollow = None;
        line.end()
    }

    fn detection(&mut self, mut line: Line<'_>) -> Result<(), TextError> {
        self.close()?;
        let place = line.place();
        line.keyword("detection")?;
        let id = line.name("the id of the detection")?;
        line.keyword("level")?;
        let Some(level) = Level::from_word(line.word()) else {
            return Err(line.expected(words("the level", Level::ALL.iter().map(|level| level.word()))));
        };
        line.accept(level.word());
        let (include, exclude) = (Vec::new(), Vec::new());
        let provenance = Provenance::default();
        self.document.draft.detections.push(Detection { id, level, provenance, include, exclude });
        self.hollow = Some((place, "a detection with an instance to include"));
        self.part = Part::Detection;
        line.end()
    }

    fn provenance(&mut self, mut line: Line<'_>, word: &str) -> Result<(), TextError> {
        line.accept(word);
        let text = line.string()?;
        if let Some(detection) = self.document.draft.detections.last_mut() {
            let Provenance { title, author, licence, source } = &mut detection.provenance;
            *match word {
                "title" => title,
                "author" => author,
                "licence" => licence,
                _ => source,
            } = text;
        }
        line.end()
    }

    fn instance(&mut self, mut line: Line<'_>, exclude: bool) -> Result<(), TextError> {
        self.close_clause()?;
        let word = line.word();
        line.accept(word);
        line.keyword("type")?;
        let at = line;
        let id = TypeId(line.number("the id of a template type")?);
        let types = &self.document.draft.types;
        let found = types.binary_search_by_key(&id, |template| template.id).ok();
        let Some((index, template)) = found.and_then(|index| Some((index, types.get(index)?))) else {
            return Err(at.expected("the id of a template type that the text declares"));
        };
        let template_index = TypeIndex(u32::try_from(index).unwrap_or(u32::MAX));
        let mut fields = template.fields.len();
        let at = line;
        if line.accept("fields") {
            fields = line.number::<u32>("how many fields the instance was written for")? as usize;
        }
        self.criteria = self.criteria.saturating_add(fields);
        if fields == 0 || self.criteria > limits::TEXT_CRITERIA {
            let limit = limits::TEXT_CRITERIA;
            return Err(
                at.expected(format!("at least one field, and at most {limit} in all instances of a text"))
            );
        }
        let criteria = alloc::vec![Criterion::default(); fields];
        if let Some(detection) = self.document.draft.detections.last_mut() {
            let instances = if exclude { &mut detection.exclude } else { &mut detection.include };
            instances.push(Instance { template: template_index, criteria });
        }
        if !exclude {
            self.hollow = None;
        }
        self.part = Part::Instance(template_index.0, exclude);
        line.end()
    }

    /// The criteria of the last instance.
    fn last_criteria(&mut self, exclude: bool) -> &mut [Criterion] {
        let detection = self.document.draft.detections.last_mut();
        let instances = detection.map(|detection| match exclude {
            true => &mut detection.exclude,
            false => &mut detection.include,
        });
        instances.and_then(|all| all.last_mut()).map(|one| one.criteria.as_mut_slice()).unwrap_or_default()
    }

    fn clause(
        &mut self,
        line: Line<'_>,
        (target, mut rest): (Target, Line<'_>),
        template: u32,
        exclude: bool,
    ) -> Result<(), TextError> {
        self.close_clause()?;
        let index = match target {
            Target::Index(index) => index,
            Target::Name(name) => {
                match self.fields.get(template as usize).and_then(|fields| fields.get(&name)) {
                    Some(Some(index)) => *index,
                    Some(None) => return Err(line.expected("the field as [index]: several have this name")),
                    None => return Err(line.expected("a field of the template type")),
                }
            }
        } as usize;
        let quantifier = match rest.word() {
            "any" => Quantifier::AnyOf,
            "none" => Quantifier::NoneOf,
            _ => return Err(rest.expected("`any of` or `none of`")),
        };
        rest.accept(rest.word());
        rest.keyword("of")?;
        let criteria = self.last_criteria(exclude);
        let count = criteria.len();
        let Some(criterion) = criteria.get_mut(index) else {
            return Err(line.expected(format!("one of the {count} fields that the instance was written for")));
        };
        criterion.clauses.push(Clause { quantifier, patterns: Vec::new() });
        self.clause = Some(OpenClause { field: index, place: line.place(), hollow: true });
        while !rest.is_empty() {
            self.pattern(&mut rest, exclude)?;
            if !rest.is_empty() {
                rest.sign(",")?;
            }
        }
        Ok(())
    }

    fn pattern(&mut self, line: &mut Line<'_>, exclude: bool) -> Result<(), TextError> {
        let Some(open) = &mut self.clause else {
            return Err(line.expected("a field and `any of` or `none of` before the first pattern"));
        };
        let pattern = pattern(line)?;
        open.hollow = false;
        let field = open.field;
        if let Some(clause) =
            self.last_criteria(exclude).get_mut(field).and_then(|field| field.clauses.last_mut())
        {
            clause.patterns.push(pattern);
        }
        Ok(())
    }

    fn section(&mut self, mut line: Line<'_>) -> Result<(), TextError> {
        self.close()?;
        line.keyword("section")?;
        let at = line;
        let name = <[u8; 4]>::try_from(line.name("the name of a section")?.as_bytes()).ok();
        let before = self.document.draft.extra.last().map(|extra| extra.name);
        let known = |name: &[u8; 4]| Table::ALL.iter().any(|table| table.section().name == name);
        let fits = |name: &[u8; 4]| {
            name.iter().all(u8::is_ascii_alphanumeric) && !known(name) && before < Some(*name)
        };
        let Some(name) = name.filter(fits) else {
            return Err(at.expected(
                "four letters or digits, above the section before it and not one of the format's",
            ));
        };
        self.document.draft.extra.push(ExtraSection { name, bytes: Vec::new() });
        self.part = Part::Section;
        line.end()
    }

    fn bytes(&mut self, mut line: Line<'_>) -> Result<(), TextError> {
        let bytes = line.bytes()?;
        if let Some(extra) = self.document.draft.extra.last_mut() {
            extra.bytes.extend_from_slice(&bytes);
        }
        Ok(())
    }

    fn damage(&mut self, line: Line<'_>) -> Result<(), TextError> {
        self.close()?;
        let sets = line.word() == "set";
        if self.document.damage.len() >= limits::DAMAGE {
            return Err(line.expected(format!("at most {} lines of damage", limits::DAMAGE)));
        }
        if sets && self.document.damage.iter().any(|damage| !damage.is_set()) {
            return Err(line.expected("`set` before any other damage, as it comes before the checksum"));
        }
        self.document.damage.push(damage::read(line)?);
        self.part = Part::Damage;
        Ok(())
    }
}

impl Part {
    /// What may stand on the next line.
    fn continued(self) -> &'static str {
        match self {
            Self::Type => "`field`, or a line that starts another part",
            Self::Detection => "`title`, `author`, `licence`, `source`, `include` or `exclude`",
            Self::Instance(..) => "a field and its clause, a pattern, or a line that starts another part",
            Self::Section => "bytes of two hexadecimal digits, or a line that starts another part",
            _ => "`type`, `detection`, `section` or a line of damage",
        }
    }
}

/// The field that a clause is about.
enum Target {
    Name(String),
    Index(u32),
}

/// The field before the colon of a clause, and what follows the colon.
fn target(mut line: Line<'_>) -> Option<(Target, Line<'_>)> {
    let target = if line.accept_sign("[") {
        let index = line.number("the index of a field").ok()?;
        line.sign("]").ok()?;
        Target::Index(index)
    } else {
        Target::Name(line.name("the name of a field").ok()?)
    };
    line.colon().then_some((target, line))
}

fn hex(word: &str) -> bool {
    word.len().is_multiple_of(2) && !word.is_empty() && word.bytes().all(|b| b.is_ascii_hexdigit())
}

fn words(what: &str, words: impl Iterator<Item = &'static str>) -> String {
    let mut all = format!("{what}, one of");
    words.for_each(|word| {
        all.push(' ');
        all.push_str(word);
    });
    all
}

fn pattern(line: &mut Line<'_>) -> Result<Pattern, TextError> {
    let Some(operator) = Operator::from_word(line.word()) else {
        return Err(line.expected(words("an operator", Operator::ALL.iter().map(|operator| operator.word()))));
    };
    line.accept(operator.word());
    if let Some(operator) = TextOperator::from_operator(operator) {
        let nocase = line.accept("nocase");
        return Ok(Pattern::Text { operator, nocase, operand: line.string()? });
    }
    let at = *line;
    Ok(match operator {
        Operator::Equal => Pattern::Equal(line.integer()?),
        Operator::Range => {
            let low = line.integer()?;
            line.sign("..")?;
            let high = line.integer()?;
            if low > high {
                return Err(at.expected("a range that does not end before it starts"));
            }
            Pattern::Range(low, high)
        }
        Operator::Mask => {
            let mask: u64 = line.number("a mask of 64 bits")?;
            line.sign("=")?;
            let value = line.number("a value of 64 bits")?;
            if value & !mask != 0 {
                return Err(at.expected("a value without bits outside the mask"));
            }
            Pattern::Mask { mask, value }
        }
        Operator::Network => {
            let (address, prefix) = line.network()?;
            if !channel::is_network(address, prefix) {
                return Err(at.expected("a prefix that covers every bit set in the address"));
            }
            Pattern::Network { address, prefix }
        }
        Operator::Absent => Pattern::Absent,
        _ => Pattern::Present,
    })
}
