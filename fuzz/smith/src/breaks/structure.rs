//! Breaks of the bytes of a rule blob: offsets, counts, sizes and ends that disagree. It has no checksum: every change
//! meets the reader.

#![allow(clippy::ptr_arg, reason = "every break has one signature, and some change the length")]

use super::bytes::{all_zero, empty, flip};
use super::{Break, Done, How};
use arbitrary::{Result, Unstructured};
use channel_parser::draft as file;
use channel_parser::model::{Level, TypeIndex};
use channel_parser::sysmon::{Kind, cells};
use core::ops::Range;

macro_rules! breaks {
    ($($rule:literal $name:ident,)*) => {
        pub const BREAKS: &[Break] = &[$(Break { name: stringify!($name), rule: $rule, how: How::BlobBytes($name) },)*];
    };
}

breaks! {
    101 empty,
    102 all_zero,
    103 version_wiped,
    105 cut_in_the_last,
    111 no_event,
    112 byte_behind_the_end,
    114 no_such_word,
    119 offset_past_the_end,
    120 offset_between,
    121 filters_of_the_next_event,
    122 into_what_follows,
    122 into_what_was_before,
    123 comes_back,
    124 bytes_behind,
    125 other_count,
    126 odd_size,
    127 no_end,
    127 end_in_the_middle,
    127 name_without_end,
    128 id_of_another_group,
    128 place_of_another_group,
    128 group_of_no_filter,
    128 first_of_the_group,
    128 group_without_id,
    315 channel_file,
}

/// The last version with a short header.
const SHORT: u32 = 0x0001_0000;

/// A labelled part of a blob.
#[derive(Clone, Debug)]
struct Part {
    at: usize,
    end: usize,
    path: String,
    kind: Kind,
}

impl Part {
    fn range(&self) -> Range<usize> {
        self.at..self.end
    }

    /// `events[0]` of `events[0].next`.
    fn owner(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(owner, _)| owner)
    }
}

fn parts(bytes: &[u8]) -> impl Iterator<Item = Part> + '_ {
    cells(bytes).map(|cell| Part {
        at: cell.span.start as usize,
        end: cell.span.end as usize,
        path: cell.path.to_string(),
        kind: cell.kind,
    })
}

/// One of the parts that fit.
fn find(u: &mut Unstructured<'_>, bytes: &[u8], fits: impl Fn(&Part) -> bool) -> Result<Option<Part>> {
    let found: Vec<_> = parts(bytes).filter(fits).collect();
    if found.is_empty() { Ok(None) } else { u.choose(&found).map(|part| Some(part.clone())) }
}

fn part(bytes: &[u8], path: &str) -> Option<Part> {
    parts(bytes).find(|part| part.path == path)
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
    four.map_or(0, |four| u32::from_le_bytes(*four))
}

fn put(bytes: &mut [u8], at: usize, new: &[u8]) {
    bytes.iter_mut().skip(at).zip(new).for_each(|(to, from)| *to = *from);
}

/// Writes a number in the place of a part, and says which part.
fn set(bytes: &mut [u8], part: &Part, n: u32) -> Done {
    put(bytes, part.at, &n.to_le_bytes());
    Ok(Some(part.path.clone()))
}

fn is_event(part: &Part) -> bool {
    part.path.starts_with("events[") && !part.path.contains("].filters[")
}

fn is_filter(part: &Part) -> bool {
    part.path.contains("].filters[")
}

/// Whether an offset stands there that leads to the next structure of a list.
fn is_link(bytes: &[u8], part: &Part) -> bool {
    let link = part.path.ends_with(".next") || (is_event(part) && part.path.ends_with(".first"));
    link && number(bytes, part.at) != 0
}

fn version_wiped(_: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    bytes.iter_mut().take(4).for_each(|b| *b = 0);
    super::bytes::done()
}

/// Behind the beginning of the last structure: before that, an offset would lead outside.
fn cut_in_the_last(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let last = parts(bytes).filter(|part| part.path.ends_with(".id") || part.path.ends_with(".field")).last();
    let Some(last) = last else { return Ok(None) };
    // A short blob is told by its first event, and by a number of events that it has room for.
    let events = if number(bytes, 0) <= SHORT { number(bytes, 4) as usize * 24 } else { 0 };
    let least = (last.at + 1).max(32).max(events + 1);
    if least >= bytes.len() {
        return Ok(None);
    }
    bytes.truncate(u.int_in_range(least..=bytes.len() - 1)?);
    Ok(Some(last.owner().to_owned()))
}

fn no_event(_: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    // Without an event nothing tells a short header from noise.
    if part(bytes, "header.first_event").is_none() {
        return Ok(None);
    }
    bytes.truncate(24);
    put(bytes, 4, &[0; 4]);
    put(bytes, 16, &[0; 8]);
    Ok(Some("header.rules".into()))
}

/// In padding, or behind the zero that ends a name.
fn byte_behind_the_end(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let fits = |part: &Part| part.kind == Kind::Padding || part.path.ends_with(".name");
    let Some(part) = find(u, bytes, fits)? else { return Ok(None) };
    let mut from = part.at;
    if part.kind == Kind::Text {
        let units = bytes.get(part.range()).unwrap_or_default().as_chunks::<2>().0;
        from += 2 * (units.iter().take_while(|unit| **unit != [0, 0]).count() + 1);
    }
    if from >= part.end {
        return Ok(None);
    }
    flip(u, bytes, from..part.end)?;
    Ok(Some(part.path))
}

fn no_such_word(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let words = [".default", ".combine", ".operator"];
    let fits = |part: &Part| words.iter().any(|word| part.path.ends_with(word));
    // A short blob is told by the words of its first event.
    let short = number(bytes, 0) <= SHORT;
    let fits =
        |part: &Part| fits(part) && !(short && part.path.starts_with("events[0].") && !is_filter(part));
    let Some(part) = find(u, bytes, fits)? else { return Ok(None) };
    if part.path.ends_with(".operator") {
        let bit = *u.choose(&[1u32 << 31, 1 << 29, 1 << 16])?;
        let old = number(bytes, part.at);
        return set(bytes, &part, old | bit);
    }
    let n = u.int_in_range(2..=u32::MAX)?;
    set(bytes, &part, n)
}

fn offset_past_the_end(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(part) = find(u, bytes, |part| is_link(bytes, part))? else { return Ok(None) };
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let n = u.int_in_range(length..=u32::MAX)?;
    set(bytes, &part, n)
}

fn offset_between(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(part) = find(u, bytes, |part| is_link(bytes, part))? else { return Ok(None) };
    let n = number(bytes, part.at).saturating_add(u.int_in_range(1..=7)?);
    set(bytes, &part, n)
}

/// The last filter of an event goes on with the first of the next one.
fn filters_of_the_next_event(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let mut found = Vec::new();
    let all: Vec<_> = parts(bytes).collect();
    let firsts = all.iter().filter(|part| is_event(part) && part.path.ends_with(".first"));
    let firsts: Vec<_> = firsts.map(|part| (part.at, number(bytes, part.at))).collect();
    for last in all.iter().filter(|part| is_filter(part) && part.path.ends_with(".next")) {
        let next = firsts.iter().find(|(at, first)| *at > last.at && *first != 0);
        if number(bytes, last.at) == 0
            && let Some((_, first)) = next
        {
            found.push((last, *first));
        }
    }
    if found.is_empty() {
        return Ok(None);
    }
    let (link, first) = *u.choose(&found)?;
    set(bytes, link, first)
}

/// The next event starts in the middle of the first filter of the one before it.
fn into_what_follows(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let fits = |part: &Part| is_event(part) && part.path.ends_with(".next") && is_link(bytes, part);
    let Some(link) = find(u, bytes, fits)? else { return Ok(None) };
    // The offset of the first filter stands eight bytes behind that of the next event.
    let first = number(bytes, link.at + 8);
    let inside = first.saturating_add(8 * u.int_in_range(1..=66)?);
    if first == 0 { Ok(None) } else { set(bytes, &link, inside) }
}

/// Where the offset of the next structure stands in an event, a filter or a group.
fn next_in(part: &Part) -> usize {
    match part.path.as_str() {
        path if path.starts_with("aggregations[") => 272,
        path if path.contains(".filters[") || path.ends_with(".first") => 520,
        _ => 12,
    }
}

/// Whether a list that goes on at an offset comes to an end.
fn ends(bytes: &[u8], mut at: usize, next: usize) -> bool {
    for _ in 0..=bytes.len() {
        at = number(bytes, at.saturating_add(next)) as usize;
        if at == 0 {
            return true;
        }
    }
    false
}

/// One of the offsets of lists leads back.
fn back(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>, comes_to_an_end: bool) -> Done {
    let fits = |part: &Part| {
        part.path.ends_with(".next")
            || (is_event(part) && part.path.ends_with(".first")) && number(bytes, part.at) != 0
    };
    let Some(link) = find(u, bytes, fits)? else { return Ok(None) };
    let mut found = Vec::new();
    for at in (8..=link.at).step_by(8) {
        let mut changed = bytes.clone();
        put(&mut changed, link.at, &u32::try_from(at).unwrap_or(u32::MAX).to_le_bytes());
        if ends(&changed, at, next_in(&link)) == comes_to_an_end {
            found.push(at);
        }
        // A few will do, and long blobs have many.
        if found.len() >= 64 {
            break;
        }
    }
    if found.is_empty() {
        return Ok(None);
    }
    let target = u32::try_from(*u.choose(&found)?).unwrap_or(u32::MAX);
    set(bytes, &link, target)
}

fn into_what_was_before(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    back(u, bytes, true)
}

fn comes_back(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    back(u, bytes, false)
}

fn bytes_behind(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    for _ in 0..u.int_in_range(1..=16)? {
        bytes.push(u.arbitrary()?);
    }
    Ok(Some("unowned".into()))
}

fn other_count(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let fits = |part: &Part| part.path.ends_with(".count") || part.path == "header.rules";
    let Some(part) = find(u, bytes, fits)? else { return Ok(None) };
    let n = number(bytes, part.at).saturating_add(u.int_in_range(1..=9)?);
    // A short blob is told by a number of events that it has room for.
    if part.at == 4 && number(bytes, 0) <= SHORT && n as usize * 24 >= bytes.len() {
        return Ok(None);
    }
    set(bytes, &part, n)
}

/// Smaller, so that nothing lies in what follows.
fn odd_size(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(part) = find(u, bytes, |part| part.path.ends_with(".size") && is_filter(part))? else {
        return Ok(None);
    };
    let most = number(bytes, part.at) / 2;
    let n = if u.ratio(1, 4)? { 0 } else { u.int_in_range(0..=most.saturating_sub(1))? * 2 + 1 };
    set(bytes, &part, n)
}

/// A zero at the end of a value is no zero.
fn no_end(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(part) = find(u, bytes, |part| part.path.ends_with(".data"))? else { return Ok(None) };
    put(bytes, part.end - 2, &[b'x', 0]);
    Ok(Some(part.path))
}

/// A zero inside a value; the first character stays, or nothing would be left to match.
fn end_in_the_middle(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let fits = |part: &Part| part.path.ends_with(".data") && part.end - part.at >= 6;
    let Some(part) = find(u, bytes, fits)? else { return Ok(None) };
    let at = u.int_in_range(1..=(part.end - part.at) / 2 - 2)?;
    put(bytes, part.at + 2 * at, &[0, 0]);
    Ok(Some(part.path))
}

fn name_without_end(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(part) = find(u, bytes, |part| part.path.ends_with(".name"))? else { return Ok(None) };
    let name = [b'n', 0].repeat((part.end - part.at) / 2);
    put(bytes, part.at, &name);
    Ok(Some(part.path))
}

fn in_group(bytes: &[u8], part: &Part) -> bool {
    is_filter(part) && part.path.ends_with(".aggregation") && number(bytes, part.at) != 0
}

fn id_of_another_group(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let Some(part) = find(u, bytes, |part| in_group(bytes, part))? else { return Ok(None) };
    let n = number(bytes, part.at).wrapping_add(u.int_in_range(1..=9)?);
    set(bytes, &part, n)
}

fn place_of_another_group(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let place = |part: &Part| part.path.ends_with(".aggregation_offset") && number(bytes, part.at) != 0;
    // Where the header does not list the groups, the first of these leads to them.
    let listed = part(bytes, "header.first_aggregation").is_some_and(|head| number(bytes, head.at) != 0);
    let first = parts(bytes).find(place).filter(|_| !listed).map(|part| part.at);
    let Some(part) = find(u, bytes, |part| place(part) && Some(part.at) != first)? else { return Ok(None) };
    let n = number(bytes, part.at) ^ u.int_in_range(1..=u32::MAX)?;
    set(bytes, &part, n)
}

/// A filter by itself names a group that it is not in.
fn group_of_no_filter(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let alone =
        |part: &Part| is_filter(part) && part.path.ends_with(".aggregation") && number(bytes, part.at) == 0;
    let Some(part) = find(u, bytes, alone)? else { return Ok(None) };
    let n = u.int_in_range(1..=9)?;
    put(bytes, part.at, &u32::to_le_bytes(n));
    Ok(Some(part.owner().to_owned()))
}

fn first_of_the_group(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let first = |part: &Part| part.path.starts_with("aggregations[") && part.path.ends_with(".first");
    let Some(part) = find(u, bytes, first)? else { return Ok(None) };
    let n = number(bytes, part.at) ^ u.int_in_range(1..=u32::MAX)?;
    set(bytes, &part, n)
}

fn group_without_id(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let id = |part: &Part| part.path.starts_with("aggregations[") && part.path.ends_with(".id");
    let Some(part) = find(u, bytes, id)? else { return Ok(None) };
    set(bytes, &part, 0)
}

/// Content for another kind of sensor.
fn channel_file(_: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Done {
    let pattern =
        file::Pattern::Text { operator: file::TextOperator::Exact, nocase: false, operand: "q".into() };
    let clause = super::content::any_of(pattern);
    let instance =
        file::Instance { template: TypeIndex(0), criteria: vec![file::Criterion { clauses: vec![clause] }] };
    let detection = file::Detection {
        id: "generated".into(),
        level: Level::Low,
        provenance: file::Provenance::default(),
        include: vec![instance],
        exclude: Vec::new(),
    };
    let template = file::TemplateType {
        id: 1.into(),
        name: "type".into(),
        fields: vec!["field".into()],
        ..file::TemplateType::default()
    };
    let draft = file::Draft { types: vec![template], detections: vec![detection], ..file::Draft::default() };
    let Ok(written) = channel_parser::channel::encode(&draft) else { return Ok(None) };
    *bytes = written;
    Ok(Some("header".into()))
}
