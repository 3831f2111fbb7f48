//! From an owned [`Draft`] to bytes. It writes what it is told, true or not, as far as the layout can say it: a
//! fixture that breaks a rule is a draft like any other. What the layout cannot say is an error.

use super::checksum::checksum;
use super::layout::*;
use crate::draft::*;
use crate::error::{ErrorKind, Path};
use crate::limits;
use crate::model::Operator;
use alloc::{string::String, vec::Vec};
use core::fmt;
use core::net::IpAddr;

/// Why a draft cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// `Limit` for too much, `Hollow` for a part without content, `Operand` for an operand that is none, `TypeOrder`
    /// and `Directory` for types and sections that are out of order.
    pub kind: ErrorKind,
    /// The part of the draft.
    pub path: Path,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.kind.sentence())
    }
}

impl core::error::Error for EncodeError {}

/// Writes a channel file.
///
/// Two equal drafts give equal bytes, and [`super::parse`] accepts what it returns unless the draft refers to a
/// template type that it does not hold.
///
/// # Errors
///
/// See [`EncodeError::kind`].
pub fn encode(draft: &Draft) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer::default();
    writer.types(&draft.types)?;
    for (row, detection) in (0u32..).zip(&draft.detections) {
        writer.detection(detection, Path::at("detections", row))?;
    }
    let mut sections = Vec::new();
    for (table, content) in Table::ALL.iter().zip(&writer.tables) {
        sections.push((*table.section().name, CRITICAL, content.section(*table)?));
    }
    let mut before = None;
    for extra in &draft.extra {
        let known = Table::ALL.iter().any(|table| *table.section().name == extra.name);
        if known || before >= Some(extra.name) || !extra.name.iter().all(u8::is_ascii_alphanumeric) {
            return Err(EncodeError { kind: ErrorKind::Directory, path: Path::of("extra") });
        }
        before = Some(extra.name);
        sections.push((extra.name, 0, extra.bytes.clone()));
    }
    assemble(draft, &sections)
}

fn assemble(draft: &Draft, sections: &[([u8; 4], u32, Vec<u8>)]) -> Result<Vec<u8>, EncodeError> {
    let too_much = || EncodeError { kind: ErrorKind::Limit, path: Path::of("file") };
    let count = u32::try_from(sections.len()).ok().filter(|n| *n <= limits::SECTIONS).ok_or_else(too_much)?;
    let mut offset = HEADER.saturating_add(u64::from(count).saturating_mul(ENTRY));
    let mut directory = Vec::new();
    let mut body = Vec::new();
    for (name, flags, bytes) in sections {
        let length = bytes.len() as u64;
        directory.extend_from_slice(name);
        directory.extend_from_slice(&flags.to_le_bytes());
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(bytes);
        let padded = length.next_multiple_of(ALIGNMENT);
        body.resize(body.len().saturating_add(padded.saturating_sub(length) as usize), 0);
        offset = offset.saturating_add(padded);
    }
    let length = offset.saturating_add(TRAILER);
    if length > limits::FILE_BYTES {
        return Err(too_much());
    }
    let mut file = Vec::with_capacity(length as usize);
    file.extend_from_slice(&MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&count.to_le_bytes());
    file.extend_from_slice(&length.to_le_bytes());
    for number in [draft.channel.0, draft.part.0, draft.revision.0, 0] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    file.append(&mut directory);
    file.append(&mut body);
    seal(&mut file);
    Ok(file)
}

/// Appends the checksum of what a file holds so far.
pub(crate) fn seal(file: &mut Vec<u8>) {
    for number in checksum(file) {
        file.extend_from_slice(&number.to_le_bytes());
    }
}

/// One table as it grows.
#[derive(Default)]
struct Columns {
    words: [Vec<u32>; 4],
    bytes: Vec<u8>,
    text: String,
}

impl Columns {
    fn word(&mut self, column: usize, n: u32) {
        if let Some(words) = self.words.get_mut(column) {
            words.push(n);
        }
    }

    /// Appends text and notes in a column where it ends.
    fn text(&mut self, column: usize, text: &str) {
        self.text.push_str(text);
        self.word(column, self.text.len().try_into().unwrap_or(u32::MAX));
    }

    fn rows(&self) -> u32 {
        self.words.first().map_or(0, |column| column.len().try_into().unwrap_or(u32::MAX))
    }

    fn section(&self, table: Table) -> Result<Vec<u8>, EncodeError> {
        if self.rows() > limits::ROWS || self.text.len() as u64 > limits::FILE_BYTES {
            return Err(EncodeError { kind: ErrorKind::Limit, path: Path::of(table.section().rows) });
        }
        let mut out = Vec::new();
        out.extend_from_slice(&self.rows().to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend(self.words.iter().flatten().flat_map(|n| n.to_le_bytes()));
        out.extend_from_slice(&self.bytes);
        out.extend_from_slice(self.text.as_bytes());
        Ok(out)
    }
}

#[derive(Default)]
struct Writer {
    tables: [Columns; 8],
}

impl Writer {
    fn types(&mut self, types: &[TemplateType]) -> Result<(), EncodeError> {
        let [columns, fields, ..] = &mut self.tables;
        let mut before = None;
        for (row, template) in (0u32..).zip(types) {
            let path = Path::at("types", row);
            if before >= Some(template.id) {
                return Err(EncodeError { kind: ErrorKind::TypeOrder, path: path.then("id") });
            }
            before = Some(template.id);
            hollow(template.fields.is_empty(), path.then("fields"))?;
            hollow(template.name.is_empty(), path.then("name"))?;
            for (index, field) in (0u32..).zip(&template.fields) {
                hollow(field.is_empty(), path.then_at("fields", index))?;
                fields.text(0, field);
            }
            columns.word(0, template.id.0);
            columns.word(1, template.revision.0);
            columns.word(2, fields.rows());
            columns.text(3, &template.name);
        }
        Ok(())
    }

    fn detection(&mut self, detection: &Detection, path: Path) -> Result<(), EncodeError> {
        hollow(detection.include.is_empty(), path.then("include"))?;
        hollow(detection.id.is_empty(), path.then("id"))?;
        for (index, instance) in (0u32..).zip(&detection.include) {
            self.instance(instance, path.then_at("include", index))?;
        }
        let [_, _, _, instances, ..] = &self.tables;
        let include = instances.rows();
        for (index, instance) in (0u32..).zip(&detection.exclude) {
            self.instance(instance, path.then_at("exclude", index))?;
        }
        let [_, _, detections, instances, .., provenance] = &mut self.tables;
        detections.word(0, include);
        detections.word(1, instances.rows());
        detections.text(2, &detection.id);
        detections.bytes.push(detection.level.number());
        let Provenance { title, author, licence, source } = &detection.provenance;
        for (column, text) in [title, author, licence, source].into_iter().enumerate() {
            provenance.text(column, text);
        }
        Ok(())
    }

    fn instance(&mut self, instance: &Instance, path: Path) -> Result<(), EncodeError> {
        hollow(instance.criteria.is_empty(), path.then("criteria"))?;
        let [_, _, _, instances, criteria, clauses, patterns, _] = &mut self.tables;
        for (field, criterion) in (0u32..).zip(&instance.criteria) {
            let path = path.then_at("criteria", field);
            for (index, clause) in (0u32..).zip(&criterion.clauses) {
                hollow(clause.patterns.is_empty(), path.then_at("clauses", index))?;
                for pattern in &clause.patterns {
                    let operand = operand(pattern).ok_or(EncodeError { kind: ErrorKind::Operand, path })?;
                    patterns.text(0, &operand);
                    let nocase = matches!(pattern, Pattern::Text { nocase: true, .. });
                    patterns.bytes.push(pattern.operator().number() | if nocase { NOCASE } else { 0 });
                }
                clauses.word(0, patterns.rows());
                clauses.bytes.push(clause.quantifier.number());
            }
            criteria.word(0, clauses.rows());
        }
        instances.word(0, instance.template.0);
        instances.word(1, criteria.rows());
        Ok(())
    }
}

fn hollow(is: bool, path: Path) -> Result<(), EncodeError> {
    if is { Err(EncodeError { kind: ErrorKind::Hollow, path }) } else { Ok(()) }
}

/// How an operand stands in the file; `None` if it would not be read back.
fn operand(pattern: &Pattern) -> Option<String> {
    let text = match pattern {
        Pattern::Text { operand, .. } => return Some(operand.clone()),
        Pattern::Equal(n) => alloc::format!("{n:016x}"),
        Pattern::Range(low, high) => alloc::format!("{low:016x}{high:016x}"),
        Pattern::Mask { mask, value } => alloc::format!("{mask:016x}{value:016x}"),
        Pattern::Network { address: IpAddr::V4(address), prefix } => {
            alloc::format!("{:08x}{prefix:02x}", address.to_bits())
        }
        Pattern::Network { address: IpAddr::V6(address), prefix } => {
            alloc::format!("{:032x}{prefix:02x}", address.to_bits())
        }
        Pattern::Present | Pattern::Absent => String::new(),
    };
    let operator: Operator = pattern.operator();
    super::operand::Operand::decode(operator, text.as_bytes()).is_ok().then_some(text)
}
