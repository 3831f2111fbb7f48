//! Borrowed views over a channel file: detections, template instances, criteria, clauses, patterns. Each costs a
//! reference and an index, knows its path, and knows which bytes say what it says.
//!
//! A view of a file that was accepted always has an answer. One of a file that [`crate::channel::examine`] reported
//! errors for answers `None` where the bytes say nothing that makes sense.

use crate::channel::{ChannelFile, Operand, Table, TableView};
use crate::error::Path;
use crate::model::view::Effect;
use crate::model::*;
use core::ops::Range;

const NOCASE: u8 = 0x80;

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident($index:ident), $table:ident, $rows:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'a> {
            file: &'a ChannelFile<'a>,
            index: u32,
        }

        impl<'a> $name<'a> {
            /// Its position in the file.
            pub fn index(&self) -> $index {
                $index(self.index)
            }

            /// Its place in the file's structure.
            pub fn path(&self) -> Path {
                Path::at($rows, self.index)
            }

            fn table(&self) -> &'a TableView<'a> {
                self.file.table(Table::$table)
            }

            fn all(file: &'a ChannelFile<'a>, range: Range<u32>) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator + 'a {
                range.map(move |index| Self { file, index })
            }
        }
    )*};
}

views! {
    /// A template type as the content knows it.
    TemplateType(TypeIndex), Types, "types";
    /// What a rule author wrote.
    Detection(DetectionIndex), Detections, "detections";
    /// One set of criteria for one template type.
    Instance(InstanceIndex), Instances, "instances";
    /// Any of, or none of, some patterns.
    Clause(ClauseIndex), Clauses, "clauses";
    /// One comparison with an input.
    Pattern(PatternIndex), Patterns, "patterns";
}

/// What one field must satisfy.
#[derive(Clone, Copy)]
pub struct Criterion<'a> {
    file: &'a ChannelFile<'a>,
    index: u32,
    instance: u32,
    field: u32,
}

/// Where a detection comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance<'a> {
    /// What people call it.
    pub title: &'a str,
    /// Who wrote it.
    pub author: &'a str,
    /// The licence it is under.
    pub licence: &'a str,
    /// The file or address it was read from.
    pub source: &'a str,
}

impl<'a> ChannelFile<'a> {
    /// The template types that the content was written for, ascending by id.
    pub fn types(&'a self) -> impl DoubleEndedIterator<Item = TemplateType<'a>> + ExactSizeIterator {
        TemplateType::all(self, 0..self.table(Table::Types).rows)
    }

    /// The detections, in the author's order.
    pub fn detections(&'a self) -> impl DoubleEndedIterator<Item = Detection<'a>> + ExactSizeIterator {
        Detection::all(self, 0..self.table(Table::Detections).rows)
    }

    /// The instances of all detections.
    pub fn instances(&'a self) -> impl DoubleEndedIterator<Item = Instance<'a>> + ExactSizeIterator {
        Instance::all(self, 0..self.table(Table::Instances).rows)
    }

    /// The patterns of all instances.
    pub fn patterns(&'a self) -> impl DoubleEndedIterator<Item = Pattern<'a>> + ExactSizeIterator {
        Pattern::all(self, 0..self.table(Table::Patterns).rows)
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    core::str::from_utf8(bytes).ok()
}

impl<'a> TemplateType<'a> {
    /// The id that sensors know it by.
    pub fn id(&self) -> TypeId {
        TypeId(self.table().column(0).get(self.index).unwrap_or(0))
    }

    /// The bytes of the id.
    pub fn id_span(&self) -> Range<u64> {
        self.table().column(0).span(self.index)
    }

    /// The revision that the content was written for.
    pub fn revision(&self) -> TypeRevision {
        TypeRevision(self.table().column(1).get(self.index).unwrap_or(0))
    }

    /// The bytes of the revision.
    pub fn revision_span(&self) -> Range<u64> {
        self.table().column(1).span(self.index)
    }

    /// Its name.
    pub fn name(&self) -> Option<&'a str> {
        text(self.table().text.part(self.table().column(3).owned(self.index)))
    }

    /// The bytes of its name.
    pub fn name_span(&self) -> Range<u64> {
        self.table().text.part_span(self.table().column(3).owned(self.index))
    }

    /// How many fields it declares.
    pub fn field_count(&self) -> u32 {
        self.table().column(2).owned(self.index).len() as u32
    }

    /// The bytes that say how many fields it declares.
    pub fn field_count_span(&self) -> Range<u64> {
        self.table().column(2).span(self.index)
    }

    /// The name of one of its fields.
    pub fn field(&self, field: FieldIndex) -> Option<&'a str> {
        let fields = self.file.table(Table::Fields);
        text(fields.text.part(fields.column(0).owned(self.field_row(field)?)))
    }

    /// The bytes of a field's name.
    pub fn field_span(&self, field: FieldIndex) -> Option<Range<u64>> {
        let fields = self.file.table(Table::Fields);
        Some(fields.text.part_span(fields.column(0).owned(self.field_row(field)?)))
    }

    fn field_row(&self, field: FieldIndex) -> Option<u32> {
        let own = self.table().column(2).owned(self.index);
        own.start.checked_add(field.0).filter(|row| *row < own.end)
    }

    /// The names of its fields, in order.
    pub fn fields(self) -> impl DoubleEndedIterator<Item = Option<&'a str>> + ExactSizeIterator {
        (0..self.field_count()).map(move |field| self.field(FieldIndex(field)))
    }
}

impl<'a> Detection<'a> {
    /// The author's id of the rule.
    pub fn id(&self) -> Option<&'a str> {
        text(self.table().text.part(self.table().column(2).owned(self.index)))
    }

    /// The bytes of the id.
    pub fn id_span(&self) -> Range<u64> {
        self.table().text.part_span(self.table().column(2).owned(self.index))
    }

    /// How grave a match is.
    pub fn level(&self) -> Option<Level> {
        Level::from_number(self.table().bytes.get(self.index)?)
    }

    /// The instances of which any must match.
    pub fn include(&self) -> impl DoubleEndedIterator<Item = Instance<'a>> + ExactSizeIterator + use<'a> {
        Instance::all(self.file, self.start()..self.middle())
    }

    /// The instances of which none may match.
    pub fn exclude(&self) -> impl DoubleEndedIterator<Item = Instance<'a>> + ExactSizeIterator + use<'a> {
        Instance::all(self.file, self.middle()..self.end())
    }

    fn start(&self) -> u32 {
        self.table().column(1).owned(self.index).start
    }

    fn middle(&self) -> u32 {
        self.table().column(0).get(self.index).unwrap_or(0)
    }

    fn end(&self) -> u32 {
        self.table().column(1).owned(self.index).end
    }

    /// Where it comes from.
    pub fn provenance(&self) -> Option<Provenance<'a>> {
        let table = self.file.table(Table::Provenance);
        let mut start = table.column(3).owned(self.index).start;
        let mut next = |column| {
            let end = table.column(column).get(self.index)?;
            let part = core::mem::replace(&mut start, end)..end;
            text(table.text.part(part))
        };
        Some(Provenance { title: next(0)?, author: next(1)?, licence: next(2)?, source: next(3)? })
    }
}

impl<'a> Instance<'a> {
    /// The template type that it was written for.
    pub fn template(&self) -> Option<TemplateType<'a>> {
        let index = self.table().column(0).get(self.index)?;
        (index < self.file.table(Table::Types).rows).then_some(TemplateType { file: self.file, index })
    }

    /// The bytes that name its template type.
    pub fn template_span(&self) -> Range<u64> {
        self.table().column(0).span(self.index)
    }

    /// The detection that it belongs to.
    pub fn detection(&self) -> Option<Detection<'a>> {
        let detections = self.file.table(Table::Detections);
        let ends = detections.column(1);
        let index = ends.cells.partition_point(|end| u32::from_le_bytes(*end) <= self.index) as u32;
        (index < detections.rows).then_some(Detection { file: self.file, index })
    }

    /// What it does when it matches.
    pub fn effect(&self) -> Option<Effect> {
        let excludes = self.index >= self.detection()?.middle();
        Some(if excludes { Effect::Exclude } else { Effect::Include })
    }

    /// How many fields it was written for: it has a criterion for each.
    pub fn field_count(&self) -> u32 {
        self.table().column(1).owned(self.index).len() as u32
    }

    /// The bytes that say how many fields it was written for.
    pub fn field_count_span(&self) -> Range<u64> {
        self.table().column(1).span(self.index)
    }

    /// Its criteria, one for each field, in the order of the fields.
    pub fn criteria(&self) -> impl DoubleEndedIterator<Item = Criterion<'a>> + ExactSizeIterator + use<'a> {
        let (file, instance, own) = (self.file, self.index, self.table().column(1).owned(self.index));
        let first = own.start;
        own.map(move |index| Criterion { file, index, instance, field: index.saturating_sub(first) })
    }
}

impl<'a> Criterion<'a> {
    /// The field that it is about.
    pub fn field(&self) -> FieldIndex {
        FieldIndex(self.field)
    }

    /// The instance that it belongs to.
    pub fn instance(&self) -> Instance<'a> {
        Instance { file: self.file, index: self.instance }
    }

    /// Its place in the file's structure: `instances[3].criteria[20]`.
    pub fn path(&self) -> Path {
        Path::at("instances", self.instance).then_at("criteria", self.field)
    }

    /// The bytes of its row.
    pub fn span(&self) -> Range<u64> {
        self.file.table(Table::Criteria).column(0).span(self.index)
    }

    /// Whether it matches every input, and the absence of one.
    pub fn is_wildcard(&self) -> bool {
        self.own().is_empty()
    }

    /// Its clauses, all of which must hold; none for the wildcard.
    pub fn clauses(&self) -> impl DoubleEndedIterator<Item = Clause<'a>> + ExactSizeIterator + use<'a> {
        Clause::all(self.file, self.own())
    }

    /// The patterns of all its clauses.
    pub fn patterns(&self) -> impl Iterator<Item = Pattern<'a>> + use<'a> {
        self.clauses().flat_map(|clause| clause.patterns())
    }

    fn own(&self) -> Range<u32> {
        self.file.table(Table::Criteria).column(0).owned(self.index)
    }
}

impl<'a> Clause<'a> {
    /// Which of the two.
    pub fn quantifier(&self) -> Option<Quantifier> {
        Quantifier::from_number(self.table().bytes.get(self.index)?)
    }

    /// Its position among the clauses of its criterion.
    pub fn position_in(&self, criterion: &Criterion<'a>) -> u32 {
        self.index.saturating_sub(criterion.own().start)
    }

    /// The bytes of its row that say where its patterns end.
    pub fn span(&self) -> Range<u64> {
        self.table().column(0).span(self.index)
    }

    /// Its patterns; at least one.
    pub fn patterns(&self) -> impl DoubleEndedIterator<Item = Pattern<'a>> + ExactSizeIterator + use<'a> {
        Pattern::all(self.file, self.table().column(0).owned(self.index))
    }
}

impl<'a> Pattern<'a> {
    /// How it compares.
    pub fn operator(&self) -> Option<Operator> {
        Operator::from_number(self.table().bytes.get(self.index)? & !NOCASE)
    }

    /// Whether it compares without case.
    pub fn nocase(&self) -> bool {
        self.table().bytes.get(self.index).is_some_and(|b| b & NOCASE != 0)
    }

    /// The byte of its operator.
    pub fn operator_span(&self) -> Range<u64> {
        self.table().bytes.span(self.index)
    }

    /// What it compares with.
    pub fn operand(&self) -> Option<Operand<'a>> {
        Operand::decode(self.operator()?, self.operand_bytes()).ok()
    }

    /// The operand as it stands in the file.
    pub fn operand_bytes(&self) -> &'a [u8] {
        self.table().text.part(self.table().column(0).owned(self.index))
    }

    /// The bytes of the operand; empty for an operator without one.
    pub fn operand_span(&self) -> Range<u64> {
        self.table().text.part_span(self.table().column(0).owned(self.index))
    }
}
