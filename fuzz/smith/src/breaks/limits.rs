//! Breaks of what a sensor tolerates: content that is right in everything but how much of it there is.

use super::content::{At, choose, criterion, instances, plain, replace, text_field};
use super::{Break, Done, How, RuleNumber};
use arbitrary::Unstructured;
use channel_contract::{Contract, Field, TemplateType};
use channel_parser::channel::encode;
use channel_parser::draft::{Criterion, Draft, Instance, Pattern, TextOperator};
use channel_parser::model::*;
use std::collections::BTreeSet;

macro_rules! breaks {
    ($($rule:literal $name:ident,)*) => {
        pub const BREAKS: &[Break] = &[$(Break { name: stringify!($name), rule: $rule, how: How::Content($name) },)*];
    };
}

breaks! {
    202 too_many_bytes,
    203 too_many_detections,
    204 too_many_instances,
    205 too_many_of_a_type,
    206 too_many_clauses,
    207 too_many_patterns,
    208 operand_too_long,
    209 no_memory_for_a_regex,
    210 too_much_work,
    211 more_matches_than_can_be_counted,
    311 longer_than_any_input,
    312 count_too_wide,
    312 header_too_wide,
}

/// Copies that are added at most, before there are too many.
const COPIES: u32 = 64;

/// The rules about the number of something that content breaks.
fn exceeded(draft: &Draft, contract: &Contract) -> BTreeSet<RuleNumber> {
    let (limits, widths) = (contract.limits, contract.limits.widths);
    let patterns_of = |instance: &Instance| -> u64 {
        let clauses = instance.criteria.iter().flat_map(|criterion| &criterion.clauses);
        clauses.map(|clause| clause.patterns.len() as u64).sum()
    };
    let mut rules = BTreeSet::new();
    let mut over = |rule: RuleNumber, n: u64, limit: u64| {
        if n > limit {
            rules.insert(rule);
        }
    };
    let detections = draft.detections.len() as u64;
    over(203, detections, limits.detections.into());
    over(312, detections, widths.detections.max());
    over(204, instances(draft).count() as u64, limits.instances.into());
    over(312, instances(draft).count() as u64, widths.instances.max());
    over(312, instances(draft).map(patterns_of).sum(), widths.patterns.max());
    for (index, declared) in draft.types.iter().enumerate() {
        let Some(template) = contract.template(declared.id) else { continue };
        let own = || instances(draft).filter(|instance| instance.template.0 as usize == index);
        over(205, own().count() as u64, template.instance_cap.into());
        over(211, own().count() as u64, widths.match_count.max());
        over(210, own().map(patterns_of).sum(), limits.work_per_event);
    }
    for criterion in instances(draft).flat_map(|instance| &instance.criteria) {
        over(206, criterion.clauses.len() as u64, limits.clauses_per_criterion.into());
        for clause in &criterion.clauses {
            over(207, clause.patterns.len() as u64, limits.patterns_per_clause.into());
        }
    }
    rules
}

/// Adds something until there is too much of it; whether that breaks this rule alone.
fn until_only(
    rule: RuleNumber,
    draft: &mut Draft,
    contract: &Contract,
    mut add: impl FnMut(&mut Draft),
) -> bool {
    for _ in 0..COPIES {
        add(draft);
        let exceeded = exceeded(draft, contract);
        if !exceeded.is_empty() {
            return exceeded.into_iter().eq([rule]);
        }
    }
    false
}

/// What nobody compares with anything makes the file longer.
fn too_many_bytes(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let length = encode(draft).map_or(0, |bytes| bytes.len() as u64);
    let more = contract.limits.file_bytes.saturating_sub(length).saturating_add(1);
    let Some(more) = usize::try_from(more).ok().filter(|more| *more < 1 << 16) else { return Ok(None) };
    let at = u.choose_index(draft.detections.len())?;
    Ok(draft.detections.get_mut(at).map(|detection| {
        detection.provenance.source.push_str(&"s".repeat(more));
        "header.length".into()
    }))
}

fn too_many_detections(_: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let smallest = draft.detections.iter().min_by_key(|one| one.include.len() + one.exclude.len()).cloned();
    let Some(model) = smallest else { return Ok(None) };
    let add = |draft: &mut Draft| draft.detections.push(model.clone());
    Ok(until_only(203, draft, contract, add).then(|| "detections".into()))
}

/// Adds copies of an instance until that breaks a rule; says of which template type they are.
fn instances_until(
    rule: RuleNumber,
    u: &mut Unstructured<'_>,
    draft: &mut Draft,
    contract: &Contract,
) -> arbitrary::Result<Option<u32>> {
    let nth = u.choose_index(instances(draft).count())?;
    let Some(model) = instances(draft).nth(nth).cloned() else { return Ok(None) };
    let add = |draft: &mut Draft| {
        draft.detections.iter_mut().take(1).for_each(|one| one.include.push(model.clone()));
    };
    Ok(until_only(rule, draft, contract, add).then_some(model.template.0))
}

fn too_many_instances(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    Ok(instances_until(204, u, draft, contract)?.map(|_| "instances".into()))
}

fn too_many_of_a_type(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    Ok(instances_until(205, u, draft, contract)?.map(|index| format!("types[{index}]")))
}

fn too_much_work(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    Ok(instances_until(210, u, draft, contract)?.map(|index| format!("types[{index}]")))
}

/// 65,536 matches in sixteen bits are none.
fn more_matches_than_can_be_counted(
    u: &mut Unstructured<'_>,
    draft: &mut Draft,
    contract: &Contract,
) -> Done {
    Ok(instances_until(211, u, draft, contract)?.map(|index| format!("types[{index}]")))
}

fn count_too_wide(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    Ok(instances_until(312, u, draft, contract)?.map(|_| String::new()))
}

fn header_too_wide(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let widths = contract.limits.widths;
    let (width, name) = *u.choose(&[(widths.part, "part"), (widths.content_revision, "revision")])?;
    let Some(n) = width.max().checked_add(1).and_then(|n| u32::try_from(n).ok()) else { return Ok(None) };
    match name {
        "part" => draft.part = Part(n),
        _ => draft.revision = ContentRevision(n),
    }
    Ok(Some(format!("header.{name}")))
}

/// One of the criteria that are no wildcard.
fn any(u: &mut Unstructured<'_>, draft: &Draft, contract: &Contract) -> arbitrary::Result<Option<At>> {
    choose(u, draft, contract, |criterion, _, _, _| !criterion.is_wildcard())
}

fn too_many_clauses(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(at) = any(u, draft, contract)? else { return Ok(None) };
    let add = |draft: &mut Draft| {
        let Some(criterion) = criterion(draft, at) else { return };
        let first = criterion.clauses.first().cloned();
        criterion.clauses.extend(first.map(|mut copy| {
            copy.patterns.truncate(1);
            copy
        }));
    };
    Ok(until_only(206, draft, contract, add).then(|| at.path()))
}

fn too_many_patterns(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(at) = any(u, draft, contract)? else { return Ok(None) };
    let regex = |pattern: &Pattern| matches!(pattern, Pattern::Text { operator: TextOperator::Regex, .. });
    let add = |draft: &mut Draft| {
        let Some(clause) = criterion(draft, at).and_then(|one| one.clauses.first_mut()) else { return };
        // One more automaton might be too much memory besides.
        let copy = clause.patterns.iter().find(|pattern| !regex(pattern)).cloned();
        clause.patterns.extend(copy);
    };
    Ok(until_only(207, draft, contract, add).then(|| at.path()))
}

/// The first pattern of a criterion becomes text of so many bytes.
fn long_text(
    u: &mut Unstructured<'_>,
    draft: &mut Draft,
    contract: &Contract,
    length: impl Fn(&Field) -> Option<usize>,
) -> Done {
    let Some(Pattern::Text { operator, nocase, .. }) = plain(&text_field(), contract) else {
        return Ok(None);
    };
    let fits = |criterion: &Criterion, _: &TemplateType, _, field: &Field| {
        !criterion.is_wildcard()
            && field.input == InputType::Text
            && length(field).is_some_and(|length| length <= 4096)
    };
    let Some(at) = choose(u, draft, contract, fits)? else { return Ok(None) };
    let Some(length) = at.field(draft, contract).and_then(length) else { return Ok(None) };
    replace(draft, at, Pattern::Text { operator, nocase, operand: "q".repeat(length) })
}

fn operand_too_long(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let limit = contract.limits.operand_bytes as usize;
    long_text(u, draft, contract, |field| {
        Some(limit + 1).filter(|length| *length <= field.max_bytes as usize)
    })
}

fn longer_than_any_input(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let limit = contract.limits.operand_bytes as usize;
    long_text(u, draft, contract, |field| {
        Some(field.max_bytes as usize + 1).filter(|length| *length <= limit)
    })
}

/// A sensor without memory for automata, and a regex.
fn no_memory_for_a_regex(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    if !contract.operators.contains(Operator::Regex) || contract.limits.automaton_bytes >= 64 {
        return Ok(None);
    }
    let text = |criterion: &Criterion, _: &TemplateType, _, field: &Field| {
        !criterion.is_wildcard() && field.input == InputType::Text
    };
    let Some(at) = choose(u, draft, contract, text)? else { return Ok(None) };
    let regex = Pattern::Text { operator: TextOperator::Regex, nocase: u.arbitrary()?, operand: "q".into() };
    Ok(replace(draft, at, regex)?.map(|_| "patterns".into()))
}
