//! A second reader of the channel file, written from `FORMAT.md` alone: no nom, no table of the layout, no code of the
//! first one. Slow, and plain enough to be compared with the page by eye.

use channel_parser::draft::{
    Clause, Criterion, Detection, Draft, ExtraSection, Instance, Pattern, Provenance, TemplateType,
    TextOperator,
};
use channel_parser::model::*;
use std::net::IpAddr;
use std::ops::Range;

const NAMES: [&[u8; 4]; 8] = [b"TYPE", b"FLDS", b"DETS", b"INST", b"CRIT", b"CLAU", b"PATT", b"PROV"];
/// The columns of four bytes, and of one byte, of each of them, and whether text follows.
const COLUMNS: [(usize, usize, bool); 8] = [
    (4, 0, true),
    (1, 0, true),
    (3, 1, true),
    (2, 0, false),
    (1, 0, false),
    (1, 1, false),
    (1, 1, true),
    (4, 0, true),
];

/// What the file holds; `None` if it is to be refused.
pub fn read(bytes: &[u8]) -> Option<Draft> {
    if bytes.len() > 256 << 20 || bytes.get(..8)? != b"\x89CHN\r\n\x1a\n" || u32_at(bytes, 8)? != 1 {
        return None;
    }
    let sections = u32_at(bytes, 12)? as usize;
    let length = u64_at(bytes, 16)?;
    if !(8..=64).contains(&sections) || length != bytes.len() as u64 || u32_at(bytes, 36)? != 0 {
        return None;
    }
    let body = bytes.len().checked_sub(16)?;
    if sums(&bytes[..body]) != [u64_at(bytes, body)?, u64_at(bytes, body + 8)?] {
        return None;
    }
    let mut next = 40 + 24 * sections;
    let mut tables = Vec::new();
    let mut extra: Vec<ExtraSection> = Vec::new();
    for entry in 0..sections {
        let at = 40 + 24 * entry;
        let name: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        let (flags, offset, length) =
            (u32_at(bytes, at + 4)?, u64_at(bytes, at + 8)?, u64_at(bytes, at + 16)?);
        let end = next.checked_add(usize::try_from(length).ok()?)?;
        let padded = end.checked_next_multiple_of(8)?;
        if offset != next as u64 || padded > body || bytes[end..padded].iter().any(|b| *b != 0) {
            return None;
        }
        let own = &bytes[next..end];
        next = padded;
        match NAMES.iter().zip(COLUMNS).nth(entry) {
            Some((known, columns)) if **known == name && flags == 1 => {
                tables.push(Table::read(own, columns)?)
            }
            Some(_) => return None,
            None => {
                let after = extra.last().is_none_or(|before| before.name < name);
                let plain = name.iter().all(u8::is_ascii_alphanumeric) && !NAMES.contains(&&name);
                if flags != 0 || !after || !plain {
                    return None;
                }
                extra.push(ExtraSection { name, bytes: own.to_vec() });
            }
        }
    }
    if next != body {
        return None;
    }
    let number = |at| u32_at(bytes, at);
    let (channel, part, revision) = (Channel(number(24)?), Part(number(28)?), ContentRevision(number(32)?));
    let (types, detections) = content(&tables)?;
    Some(Draft { channel, part, revision, types, detections, extra })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn sums(bytes: &[u8]) -> [u64; 2] {
    let mut lanes = [[0u64; 8]; 2];
    for (i, chunk) in bytes.chunks(8).enumerate() {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        lane(&mut lanes, i % 8, u64::from_le_bytes(word));
    }
    // The words of zero that fill up the last 64 bytes change the folds.
    let words = bytes.len().div_ceil(8);
    (words..words.next_multiple_of(8)).for_each(|i| lane(&mut lanes, i % 8, 0));
    lanes.map(|lanes| {
        lanes.iter().fold(0u64, |all, lane| all.wrapping_add(*lane).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    })
}

fn lane(lanes: &mut [[u64; 8]; 2], at: usize, word: u64) {
    lanes[0][at] = lanes[0][at].wrapping_add(word);
    lanes[1][at] = (lanes[1][at] ^ (lanes[1][at] >> 29)).wrapping_add(lanes[0][at]);
}

/// A table: its columns of four bytes, its column of one byte, its text.
struct Table<'a> {
    words: Vec<Vec<u32>>,
    bytes: &'a [u8],
    text: &'a [u8],
}

impl<'a> Table<'a> {
    fn read(own: &'a [u8], (words, bytes, has_text): (usize, usize, bool)) -> Option<Self> {
        let rows = u32_at(own, 0)? as usize;
        if rows > 1 << 28 || u32_at(own, 4)? != 0 {
            return None;
        }
        let columns = (0..words).map(|column| {
            let start = 8 + 4 * rows * column;
            own.get(start..start + 4 * rows)?;
            (0..rows).map(|row| u32_at(own, start + 4 * row)).collect()
        });
        let columns = columns.collect::<Option<Vec<Vec<u32>>>>()?;
        let single = 8 + 4 * rows * words;
        let text = single + rows * bytes;
        if !has_text && text != own.len() {
            return None;
        }
        Some(Self { words: columns, bytes: own.get(single..text)?, text: own.get(text..)? })
    }

    fn rows(&self) -> usize {
        self.words[0].len()
    }

    fn text(&self, range: Range<usize>) -> Option<&'a [u8]> {
        self.text.get(range)
    }
}

/// What each row owns of something that `columns` divide, one column after the other in each row; `least` of each.
fn divide(
    table: &Table<'_>,
    columns: &[usize],
    least: &[usize],
    whole: usize,
) -> Option<Vec<Vec<Range<usize>>>> {
    let mut start = 0usize;
    let mut rows = Vec::new();
    for row in 0..table.rows() {
        let mut own = Vec::new();
        for (column, least) in columns.iter().zip(least) {
            let end = table.words[*column][row] as usize;
            if end < start + least || end > whole {
                return None;
            }
            own.push(start..end);
            start = end;
        }
        rows.push(own);
    }
    (start == whole).then_some(rows)
}

fn utf8(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

fn content(tables: &[Table<'_>]) -> Option<(Vec<TemplateType>, Vec<Detection>)> {
    let [types, fields, detections, instances, criteria, clauses, patterns, provenance] = tables else {
        return None;
    };
    if provenance.rows() != detections.rows() {
        return None;
    }
    let field_names = divide(fields, &[0], &[1], fields.text.len())?;
    let field_names: Vec<String> =
        field_names.into_iter().map(|own| utf8(fields.text(own[0].clone())?)).collect::<Option<_>>()?;
    let (own_fields, own_names) =
        (divide(types, &[2], &[1], fields.rows())?, divide(types, &[3], &[1], types.text.len())?);
    let mut all_types: Vec<TemplateType> = Vec::new();
    for row in 0..types.rows() {
        let id = TypeId(types.words[0][row]);
        if all_types.last().is_some_and(|before| before.id >= id) {
            return None;
        }
        all_types.push(TemplateType {
            id,
            revision: TypeRevision(types.words[1][row]),
            name: utf8(types.text(own_names[row][0].clone())?)?,
            fields: field_names[own_fields[row][0].clone()].to_vec(),
        });
    }
    let operands = divide(patterns, &[0], &[0], patterns.text.len())?;
    let all_patterns: Vec<Pattern> = (0..patterns.rows())
        .map(|row| pattern(patterns.bytes[row], patterns.text(operands[row][0].clone())?))
        .collect::<Option<_>>()?;
    let own_patterns = divide(clauses, &[0], &[1], patterns.rows())?;
    let all_clauses: Vec<Clause> = (0..clauses.rows())
        .map(|row| {
            let quantifier = match clauses.bytes[row] {
                0 => Quantifier::AnyOf,
                1 => Quantifier::NoneOf,
                _ => return None,
            };
            Some(Clause { quantifier, patterns: all_patterns[own_patterns[row][0].clone()].to_vec() })
        })
        .collect::<Option<_>>()?;
    let own_clauses = divide(criteria, &[0], &[0], clauses.rows())?;
    let all_criteria: Vec<Criterion> = own_clauses
        .into_iter()
        .map(|own| Criterion { clauses: all_clauses[own[0].clone()].to_vec() })
        .collect();
    let own_criteria = divide(instances, &[1], &[1], criteria.rows())?;
    let all_instances: Vec<Instance> = (0..instances.rows())
        .map(|row| {
            let template = instances.words[0][row];
            ((template as usize) < types.rows()).then(|| Instance {
                template: TypeIndex(template),
                criteria: all_criteria[own_criteria[row][0].clone()].to_vec(),
            })
        })
        .collect::<Option<_>>()?;
    let own_instances = divide(detections, &[0, 1], &[1, 0], instances.rows())?;
    let own_ids = divide(detections, &[2], &[1], detections.text.len())?;
    let own_texts = divide(provenance, &[0, 1, 2, 3], &[0; 4], provenance.text.len())?;
    let all_detections = (0..detections.rows())
        .map(|row| {
            let text = |nth: usize| utf8(provenance.text(own_texts[row][nth].clone())?);
            let [include, exclude] = own_instances[row].as_slice() else { return None };
            Some(Detection {
                id: utf8(detections.text(own_ids[row][0].clone())?)?,
                level: *Level::ALL.get(detections.bytes[row] as usize)?,
                provenance: Provenance {
                    title: text(0)?,
                    author: text(1)?,
                    licence: text(2)?,
                    source: text(3)?,
                },
                include: all_instances[include.clone()].to_vec(),
                exclude: all_instances[exclude.clone()].to_vec(),
            })
        })
        .collect::<Option<_>>()?;
    Some((all_types, all_detections))
}

/// Digits `0-9a-f`, the most significant first.
fn hex(digits: &[u8]) -> Option<u128> {
    let mut n = 0;
    for digit in digits {
        let digit = b"0123456789abcdef".iter().position(|known| known == digit)?;
        n = n * 16 + digit as u128;
    }
    Some(n)
}

fn pattern(operator: u8, operand: &[u8]) -> Option<Pattern> {
    let nocase = operator & 0x80 != 0;
    let text = |operator| Some(Pattern::Text { operator, nocase, operand: utf8(operand)? });
    match operator & 0x7f {
        0 => return text(TextOperator::Exact),
        1 => return text(TextOperator::Prefix),
        2 => return text(TextOperator::Suffix),
        3 => return text(TextOperator::Contains),
        4 => return text(TextOperator::Glob),
        5 => return text(TextOperator::Regex),
        _ if nocase => return None,
        _ => {}
    }
    match (operator, operand.len()) {
        (6, 16) => Some(Pattern::Equal(hex(operand)? as u64 as i64)),
        (7, 32) => {
            let (low, high) = (hex(&operand[..16])? as u64 as i64, hex(&operand[16..])? as u64 as i64);
            (low <= high).then_some(Pattern::Range(low, high))
        }
        (8, 32) => {
            let (mask, value) = (hex(&operand[..16])? as u64, hex(&operand[16..])? as u64);
            (value | mask == mask).then_some(Pattern::Mask { mask, value })
        }
        (9, 10) => {
            let (bits, prefix) = (hex(&operand[..8])? as u32, hex(&operand[8..])? as u8);
            let in_prefix = prefix <= 32 && (prefix == 32 || bits << prefix == 0);
            in_prefix.then(|| Pattern::Network { address: IpAddr::V4(bits.into()), prefix })
        }
        (9, 34) => {
            let (bits, prefix) = (hex(&operand[..32])?, hex(&operand[32..])? as u8);
            let in_prefix = prefix <= 128 && (prefix == 128 || bits << prefix == 0);
            in_prefix.then(|| Pattern::Network { address: IpAddr::V6(bits.into()), prefix })
        }
        (10, 0) => Some(Pattern::Present),
        (11, 0) => Some(Pattern::Absent),
        _ => None,
    }
}
