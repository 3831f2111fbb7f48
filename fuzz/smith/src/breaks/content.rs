//! Breaks of the meaning: content that is whole, and that a sensor with this contract must not get.

use super::{Break, Done, How};
use arbitrary::{Result, Unstructured};
use channel_contract::{Contract, Field, TemplateType};
use channel_parser::draft::{Clause, Criterion, Draft, Instance, Pattern, TextOperator};
use channel_parser::model::*;

macro_rules! breaks {
    ($($rule:literal $name:ident,)*) => {
        pub const BREAKS: &[Break] = &[$(Break { name: stringify!($name), rule: $rule, how: How::Content($name) },)*];
    };
}

breaks! {
    301 unsupplied_input,
    302 another_field,
    303 unknown_type,
    304 other_revision,
    305 other_channel,
    306 one_field_more,
    307 criterion_missing,
    308 operator_not_there,
    309 other_input_type,
    310 asked_for_absence,
    312 number_too_wide,
    401 no_regex,
    402 no_detection,
    404 matches_all,
    405 said_twice,
}

/// A place in content: the instance over all detections, and the field of its criterion.
#[derive(Clone, Copy)]
pub struct At {
    instance: usize,
    field: usize,
}

impl At {
    pub fn path(self) -> String {
        format!("instances[{}].criteria[{}]", self.instance, self.field)
    }

    /// The sensor's field there.
    pub fn field<'c>(self, draft: &Draft, contract: &'c Contract) -> Option<&'c Field> {
        known(draft, contract, instances(draft).nth(self.instance)?)?.fields.get(self.field)
    }
}

/// The instances in the order of the file.
pub fn instances(draft: &Draft) -> impl Iterator<Item = &Instance> {
    draft.detections.iter().flat_map(|detection| detection.include.iter().chain(&detection.exclude))
}

pub fn instances_mut(draft: &mut Draft) -> impl Iterator<Item = &mut Instance> {
    draft
        .detections
        .iter_mut()
        .flat_map(|detection| detection.include.iter_mut().chain(&mut detection.exclude))
}

/// The sensor's template type of an instance.
fn known<'c>(draft: &Draft, contract: &'c Contract, instance: &Instance) -> Option<&'c TemplateType> {
    contract.template(draft.types.get(instance.template.0 as usize)?.id)
}

/// One of the criteria that fit, given the sensor's type and field.
pub fn choose(
    u: &mut Unstructured<'_>,
    draft: &Draft,
    contract: &Contract,
    fits: impl Fn(&Criterion, &TemplateType, usize, &Field) -> bool,
) -> Result<Option<At>> {
    let mut found = Vec::new();
    for (at, instance) in instances(draft).enumerate() {
        let Some(template) = known(draft, contract, instance) else { continue };
        for (field, (criterion, declared)) in instance.criteria.iter().zip(&template.fields).enumerate() {
            if fits(criterion, template, field, declared) {
                found.push(At { instance: at, field });
            }
        }
    }
    if found.is_empty() { Ok(None) } else { u.choose(&found).copied().map(Some) }
}

pub fn criterion(draft: &mut Draft, at: At) -> Option<&mut Criterion> {
    instances_mut(draft).nth(at.instance)?.criteria.get_mut(at.field)
}

/// Puts a pattern in the place of the first one of a criterion.
pub fn replace(draft: &mut Draft, at: At, pattern: Pattern) -> Done {
    let first =
        criterion(draft, at).and_then(|criterion| criterion.clauses.first_mut()?.patterns.first_mut());
    Ok(first.map(|first| {
        *first = pattern;
        at.path()
    }))
}

fn is_supplied(template: &TemplateType, field: usize) -> bool {
    (field as u64) < u64::from(template.supplied)
}

/// Whether one more pattern of this type keeps within what an event may cost.
fn has_work_left(draft: &Draft, contract: &Contract) -> bool {
    let all: usize = instances(draft)
        .flat_map(|instance| &instance.criteria)
        .flat_map(|criterion| &criterion.clauses)
        .map(|clause| clause.patterns.len())
        .sum();
    let limits = contract.limits;
    (all as u64) < limits.work_per_event.min(limits.widths.patterns.max())
        && limits.clauses_per_criterion > 0
        && limits.patterns_per_clause > 0
}

/// A pattern that an implemented operator allows on a field; no limit is near.
pub fn plain(field: &Field, contract: &Contract) -> Option<Pattern> {
    let pattern = match field.input {
        InputType::Text => {
            let operator =
                [TextOperator::Exact, TextOperator::Prefix, TextOperator::Suffix, TextOperator::Contains]
                    .into_iter()
                    .find(|operator| contract.operators.contains((*operator).into()))?;
            Pattern::Text { operator, nocase: false, operand: "q".into() }
        }
        InputType::Integer => Pattern::Equal(1),
        InputType::Address => Pattern::Network { address: core::net::Ipv4Addr::LOCALHOST.into(), prefix: 32 },
    };
    contract.operators.contains(pattern.operator()).then_some(pattern)
}

pub fn any_of(pattern: Pattern) -> Clause {
    Clause { quantifier: Quantifier::AnyOf, patterns: vec![pattern] }
}

pub fn text_field() -> Field {
    Field { name: String::new(), input: InputType::Text, nullable: false, max_bytes: 0 }
}

/// July 2024: a criterion on a field that is declared, and that no input stands behind.
fn unsupplied_input(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    if !has_work_left(draft, contract) {
        return Ok(None);
    }
    let fits = |_: &Criterion, template: &TemplateType, field: usize, declared: &Field| {
        !is_supplied(template, field) && plain(declared, contract).is_some()
    };
    let Some(at) = choose(u, draft, contract, fits)? else { return Ok(None) };
    let Some(pattern) = at.field(draft, contract).and_then(|field| plain(field, contract)) else {
        return Ok(None);
    };
    if let Some(criterion) = criterion(draft, at) {
        criterion.clauses.push(any_of(pattern));
    }
    Ok(Some(at.path()))
}

/// The content was written for a list of fields in which another one has this place.
fn another_field(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let Some(at) = choose(u, draft, contract, |criterion, _, _, _| !criterion.is_wildcard())? else {
        return Ok(None);
    };
    let Some(index) = instances(draft).nth(at.instance).map(|instance| instance.template.0 as usize) else {
        return Ok(None);
    };
    let field = draft.types.get_mut(index).and_then(|template| template.fields.get_mut(at.field));
    Ok(field.map(|name| {
        name.push('_');
        String::new()
    }))
}

fn unknown_type(_: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let most = contract.types.iter().map(|template| template.id.0).max().unwrap_or(0);
    let Some(id) = most.checked_add(1).filter(|id| contract.limits.widths.type_id.holds((*id).into())) else {
        return Ok(None);
    };
    let index = draft.types.len().saturating_sub(1);
    Ok(draft.types.last_mut().map(|template| {
        template.id = TypeId(id);
        format!("types[{index}]")
    }))
}

fn other_revision(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let index = u.choose_index(draft.types.len())?;
    let Some(template) = draft.types.get_mut(index) else { return Ok(None) };
    let next = template.revision.0.checked_add(1);
    let Some(next) = next.filter(|next| contract.limits.widths.type_revision.holds((*next).into())) else {
        return Ok(None);
    };
    template.revision = TypeRevision(next);
    Ok(Some(format!("types[{index}]")))
}

fn other_channel(_: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let next = draft.channel.0.checked_add(1).filter(|next| *next <= 99_999_999);
    let Some(next) = next.filter(|next| contract.limits.widths.channel.holds((*next).into())) else {
        return Ok(None);
    };
    draft.channel = Channel(next);
    done()
}

fn done() -> Done {
    Ok(Some(String::new()))
}

fn one_field_more(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let index = u.choose_index(draft.types.len())?;
    let Some(template) = draft.types.get_mut(index) else { return Ok(None) };
    let more = template.fields.len() as u64 + 1;
    if !contract.limits.widths.fields_per_instance.holds(more) {
        return Ok(None);
    }
    template.fields.push("One more".into());
    for instance in instances_mut(draft).filter(|instance| instance.template.0 as usize == index) {
        instance.criteria.push(Criterion::wildcard());
    }
    Ok(Some(format!("types[{index}]")))
}

fn criterion_missing(u: &mut Unstructured<'_>, draft: &mut Draft, _: &Contract) -> Done {
    let mut found = Vec::new();
    for (at, instance) in instances(draft).enumerate() {
        if instance.criteria.len() > 1 && instance.criteria.last().is_some_and(Criterion::is_wildcard) {
            found.push(at);
        }
    }
    if found.is_empty() {
        return Ok(None);
    }
    let at = *u.choose(&found)?;
    Ok(instances_mut(draft).nth(at).map(|instance| {
        instance.criteria.pop();
        format!("instances[{at}]")
    }))
}

fn operator_not_there(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    // A regular expression takes memory besides, of which the sensor may have none.
    let small =
        |operator: &&Operator| **operator != Operator::Regex || contract.limits.automaton_bytes >= 1 << 20;
    let missing: Vec<_> = Operator::ALL
        .iter()
        .filter(|operator| !contract.operators.contains(**operator))
        .filter(small)
        .collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let operator = **u.choose(&missing)?;
    let fits = |criterion: &Criterion, _: &TemplateType, _, field: &Field| {
        !criterion.is_wildcard() && operator.reads().map_or(field.nullable, |input| input == field.input)
    };
    let Some(at) = choose(u, draft, contract, fits)? else { return Ok(None) };
    replace(draft, at, with(operator))
}

/// A small pattern with this operator.
fn with(operator: Operator) -> Pattern {
    match (operator, TextOperator::from_operator(operator)) {
        (_, Some(operator)) => Pattern::Text { operator, nocase: false, operand: "q".into() },
        (Operator::Equal, _) => Pattern::Equal(1),
        (Operator::Range, _) => Pattern::Range(1, 1),
        (Operator::Mask, _) => Pattern::Mask { mask: 1, value: 1 },
        (Operator::Network, _) => {
            Pattern::Network { address: core::net::Ipv4Addr::LOCALHOST.into(), prefix: 32 }
        }
        (Operator::Absent, _) => Pattern::Absent,
        _ => Pattern::Present,
    }
}

fn other_input_type(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    // A regular expression takes memory besides.
    let usable = |operator: &Operator| operator.reads().is_some() && *operator != Operator::Regex;
    let operators: Vec<_> = contract.operators.iter().filter(usable).collect();
    if operators.is_empty() {
        return Ok(None);
    }
    let operator = *u.choose(&operators)?;
    let fits = |criterion: &Criterion, _: &TemplateType, _, field: &Field| {
        !criterion.is_wildcard() && operator.reads() != Some(field.input)
    };
    let Some(at) = choose(u, draft, contract, fits)? else { return Ok(None) };
    replace(draft, at, with(operator))
}

fn asked_for_absence(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let operators = [Operator::Present, Operator::Absent];
    let operator = *u.choose(&operators)?;
    if !contract.operators.contains(operator) {
        return Ok(None);
    }
    let fits = |criterion: &Criterion, _: &TemplateType, _, field: &Field| {
        !criterion.is_wildcard() && !field.nullable
    };
    let Some(at) = choose(u, draft, contract, fits)? else { return Ok(None) };
    replace(draft, at, with(operator))
}

fn number_too_wide(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let most = contract.limits.widths.integer_operand.max();
    let Some(n) = i64::try_from(most).ok().and_then(|most| most.checked_add(1)) else { return Ok(None) };
    if !contract.operators.contains(Operator::Equal) {
        return Ok(None);
    }
    let fits = |criterion: &Criterion, _: &TemplateType, _, field: &Field| {
        !criterion.is_wildcard() && field.input == InputType::Integer
    };
    let Some(at) = choose(u, draft, contract, fits)? else { return Ok(None) };
    replace(draft, at, Pattern::Equal(n))
}

fn no_regex(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    if !contract.operators.contains(Operator::Regex) {
        return Ok(None);
    }
    let fits = |criterion: &Criterion, _: &TemplateType, _, field: &Field| {
        !criterion.is_wildcard() && field.input == InputType::Text && field.max_bytes >= 8
    };
    let Some(at) = choose(u, draft, contract, fits)? else { return Ok(None) };
    let operand = (*u.choose(&["(", "a{2,1}", "[z-a]", "\\1", "(?=a)"])?).to_owned();
    if operand.len() > contract.limits.operand_bytes as usize {
        return Ok(None);
    }
    replace(draft, at, Pattern::Text { operator: TextOperator::Regex, nocase: false, operand })
}

fn no_detection(_: &mut Unstructured<'_>, draft: &mut Draft, _: &Contract) -> Done {
    draft.detections.clear();
    done()
}

fn matches_all(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let operators = [TextOperator::Prefix, TextOperator::Suffix, TextOperator::Contains];
    let operator = *u.choose(&operators)?;
    let fits = |criterion: &Criterion, _: &TemplateType, _, field: &Field| {
        !criterion.is_wildcard() && field.input == InputType::Text
    };
    let Some(at) = choose(u, draft, contract, fits)?.filter(|_| contract.operators.contains(operator.into()))
    else {
        return Ok(None);
    };
    let Some(instance) = instances_mut(draft).nth(at.instance) else { return Ok(None) };
    for (field, criterion) in instance.criteria.iter_mut().enumerate() {
        *criterion = Criterion::wildcard();
        if field == at.field {
            criterion.clauses.push(any_of(Pattern::Text { operator, nocase: false, operand: String::new() }));
        }
    }
    Ok(Some(at.path()))
}

fn said_twice(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Done {
    let limit = contract.limits.patterns_per_clause as usize;
    let fits = |criterion: &Criterion, _: &TemplateType, _, _: &Field| {
        let clause = criterion.clauses.first();
        let first = clause.and_then(|clause| clause.patterns.first());
        let regex = matches!(first, Some(Pattern::Text { operator: TextOperator::Regex, .. }));
        clause.is_some_and(|clause| clause.patterns.len() < limit) && !regex
    };
    if !has_work_left(draft, contract) {
        return Ok(None);
    }
    let Some(at) = choose(u, draft, contract, fits)? else { return Ok(None) };
    let clause = criterion(draft, at).and_then(|criterion| criterion.clauses.first_mut());
    Ok(clause.and_then(|clause| {
        clause.patterns.push(clause.patterns.first()?.clone());
        Some(at.path())
    }))
}
