//! Edits of what a channel file says. Content that no sensor should get comes of it as well as content that one may.

use super::{list, mix, number};
use arbitrary::{Result, Unstructured};
use channel_parser::draft::*;
use channel_parser::model::*;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One edit.
pub fn edit(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    match u.int_in_range(0..=19u8)? {
        0 if u.ratio(1, 3)? => extra(u, draft),
        0 => header(u, draft),
        1..=3 => types(u, draft),
        4 | 5 => list(u, &mut draft.detections),
        6 => detection(u, draft),
        _ => instance(u, draft),
    }
}

/// Detections of both.
pub fn cross(u: &mut Unstructured<'_>, draft: &mut Draft, mut other: Draft) -> Result<()> {
    let types = draft.types.len();
    for instance in instances(&mut other.detections) {
        let index = if types == 0 { 0 } else { u.choose_index(types)? };
        instance.template = TypeIndex(u32::try_from(index).unwrap_or(u32::MAX));
        let fields = draft.types.get(index).map_or(1, |template| template.fields.len());
        instance.criteria.resize(fields.max(1), Criterion::wildcard());
    }
    mix(u, &mut draft.detections, other.detections)
}

fn header(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    match u.int_in_range(0..=2u8)? {
        0 => draft.channel = Channel(number(u, draft.channel.0)?),
        1 => draft.part = Part(number(u, draft.part.0)?),
        _ => draft.revision = ContentRevision(number(u, draft.revision.0)?),
    }
    Ok(())
}

fn types(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    if draft.types.is_empty() {
        return Ok(());
    }
    let index = u.choose_index(draft.types.len())?;
    let Some(template) = draft.types.get_mut(index) else { return Ok(()) };
    match u.int_in_range(0..=5u8)? {
        0 => template.id = TypeId(number(u, template.id.0)?),
        1 => template.revision = TypeRevision(number(u, template.revision.0)?),
        2 => list(u, &mut template.fields)?,
        3 => {
            template.fields.push("more".into());
            let own = |instance: &&mut Instance| instance.template.0 as usize == index;
            for instance in instances(&mut draft.detections).filter(own) {
                instance.criteria.push(Criterion::wildcard());
            }
        }
        4 => template.name = name(u)?,
        _ if template.fields.is_empty() => {}
        _ => {
            let at = u.choose_index(template.fields.len())?;
            let name = name(u)?;
            template.fields.iter_mut().skip(at).take(1).for_each(|old| old.clone_from(&name));
        }
    }
    // The writer wants them in order; what is out of order is for damage.
    draft.types.sort_by_key(|template| template.id);
    draft.types.dedup_by_key(|template| template.id);
    Ok(())
}

fn instances(detections: &mut [Detection]) -> impl Iterator<Item = &mut Instance> {
    detections.iter_mut().flat_map(|detection| detection.include.iter_mut().chain(&mut detection.exclude))
}

fn detection(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    if draft.detections.is_empty() {
        return Ok(());
    }
    let index = u.choose_index(draft.detections.len())?;
    let Some(detection) = draft.detections.get_mut(index) else { return Ok(()) };
    match u.int_in_range(0..=6u8)? {
        0 => detection.level = *u.choose(Level::ALL)?,
        4 => detection.id = name(u)?,
        5 => {
            let provenance = &mut detection.provenance;
            let Provenance { title, author, licence, source } = provenance;
            let mut all = [title, author, licence, source];
            let at = u.choose_index(all.len())?;
            let text = text(u)?;
            all.get_mut(at).into_iter().for_each(|old| (**old).clone_from(&text));
        }
        1 => list(u, &mut detection.include)?,
        2 => list(u, &mut detection.exclude)?,
        _ => core::mem::swap(&mut detection.include, &mut detection.exclude),
    }
    Ok(())
}

fn instance(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    let types = draft.types.len();
    let mut all: Vec<&mut Instance> = instances(&mut draft.detections).collect();
    if all.is_empty() {
        return Ok(());
    }
    let index = u.choose_index(all.len())?;
    let Some(instance) = all.get_mut(index) else { return Ok(()) };
    match u.int_in_range(0..=9u8)? {
        0 if types > 0 => {
            instance.template = TypeIndex(u32::try_from(u.choose_index(types)?).unwrap_or(u32::MAX));
        }
        1 => list(u, &mut instance.criteria)?,
        _ => {
            if instance.criteria.is_empty() {
                return Ok(());
            }
            // The last field is where July 2024 happened.
            let last = instance.criteria.len() - 1;
            let field = if u.ratio(1, 3)? { last } else { u.choose_index(last + 1)? };
            if let Some(criterion) = instance.criteria.get_mut(field) {
                edit_criterion(u, criterion)?;
            }
        }
    }
    Ok(())
}

fn edit_criterion(u: &mut Unstructured<'_>, criterion: &mut Criterion) -> Result<()> {
    if criterion.is_wildcard() {
        let patterns = vec![pattern(u)?];
        criterion.clauses.push(Clause { quantifier: *u.choose(Quantifier::ALL)?, patterns });
        return Ok(());
    }
    let index = u.choose_index(criterion.clauses.len())?;
    match u.int_in_range(0..=7u8)? {
        0 => criterion.clauses.clear(),
        1 => list(u, &mut criterion.clauses)?,
        change => {
            let Some(clause) = criterion.clauses.get_mut(index) else { return Ok(()) };
            match change {
                2 => clause.quantifier = *u.choose(Quantifier::ALL)?,
                3 => list(u, &mut clause.patterns)?,
                4 => clause.patterns.push(pattern(u)?),
                _ => {
                    let at = u.choose_index(clause.patterns.len())?;
                    if let Some(old) = clause.patterns.get_mut(at) {
                        edit_pattern(u, old)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Any text, with a liking for what is hard to quote and to tell from syntax.
fn text(u: &mut Unstructured<'_>) -> Result<String> {
    const HARD: &[&str] = &[
        "",
        "'",
        "\"",
        "# no comment",
        "\u{202e}\u{0}\n",
        "ẞß İı Σς",
        "any of",
        "🦀",
        "[0]",
        "a: b",
        "include",
    ];
    Ok(match u.ratio(1, 3)? {
        true => (0..u.int_in_range(0..=5)?)
            .map(|_| u.arbitrary())
            .collect::<Result<Vec<char>>>()?
            .into_iter()
            .collect(),
        false => (*u.choose(HARD)?).to_owned(),
    })
}

/// A text of at least one letter.
fn name(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(text(u)? + "x")
}

/// Sections that no reader knows, in the order in which the writer wants them.
fn extra(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    if u.arbitrary()? {
        let length = u.int_in_range(0..=70usize)?;
        let bytes = (0..length).map(|_| u.arbitrary()).collect::<Result<_>>()?;
        draft.extra.push(ExtraSection { name: **u.choose(&[b"zzzz", b"0000", b"Abc9"])?, bytes });
        draft.extra.sort_by_key(|section| section.name);
        draft.extra.dedup_by_key(|section| section.name);
    } else {
        draft.extra.pop();
    }
    Ok(())
}

const TEXTS: &[&str] =
    &["", "*", "?", "\\", "a", "*A*", "\u{212a}", "ß", "İ", "(", "[a-z]+", ".*", "(?:a{1,50}){1,50}", "\0"];

fn operator(u: &mut Unstructured<'_>) -> Result<TextOperator> {
    use TextOperator::*;
    u.choose(&[Exact, Prefix, Suffix, Contains, Glob, Regex]).copied()
}

fn pattern(u: &mut Unstructured<'_>) -> Result<Pattern> {
    Ok(match u.int_in_range(0..=8u8)? {
        0 => Pattern::Equal(u.arbitrary()?),
        1 => Pattern::Range(0, u.int_in_range(0..=i64::MAX)?),
        2 => {
            let mask: u64 = u.arbitrary()?;
            Pattern::Mask { mask, value: mask & u.arbitrary::<u64>()? }
        }
        3 => {
            let prefix = u.int_in_range(0..=32u8)?;
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            Pattern::Network {
                address: IpAddr::V4(Ipv4Addr::from_bits(u.arbitrary::<u32>()? & mask)),
                prefix,
            }
        }
        4 => {
            let prefix = u.int_in_range(0..=128u8)?;
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            Pattern::Network {
                address: IpAddr::V6(Ipv6Addr::from_bits(u.arbitrary::<u128>()? & mask)),
                prefix,
            }
        }
        5 => Pattern::Present,
        6 => Pattern::Absent,
        _ => {
            let operand = (*u.choose(TEXTS)?).to_owned();
            Pattern::Text { operator: operator(u)?, nocase: u.arbitrary()?, operand }
        }
    })
}

fn edit_pattern(u: &mut Unstructured<'_>, old: &mut Pattern) -> Result<()> {
    match old {
        Pattern::Text { operator: old, nocase, operand } => match u.int_in_range(0..=5u8)? {
            0 => *nocase = !*nocase,
            1 => *old = operator(u)?,
            2 => drop(operand.pop()),
            3 => operand.push_str(u.choose(TEXTS)?),
            4 => *operand = operand.repeat(u.int_in_range(2..=40)?).chars().take(4096).collect(),
            _ => *operand = (*u.choose(TEXTS)?).to_owned(),
        },
        Pattern::Equal(n) => *n = integer(u, *n)?,
        Pattern::Range(low, high) => {
            let (a, b) = (integer(u, *low)?, *high);
            (*low, *high) = (a.min(b), a.max(b));
        }
        other => *other = pattern(u)?,
    }
    Ok(())
}

fn integer(u: &mut Unstructured<'_>, old: i64) -> Result<i64> {
    Ok(match u.int_in_range(0..=3u8)? {
        0 => old.wrapping_add(1),
        1 => old.wrapping_neg(),
        2 => *u.choose(&[0, i64::MIN, i64::MAX, i64::from(i32::MAX) + 1, 1 << 53])?,
        _ => u.arbitrary()?,
    })
}
