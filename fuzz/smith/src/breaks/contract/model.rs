//! Breaks of what a contract says: it can be read, and contradicts itself.

use super::{Break, Done, Follows, How};
use arbitrary::{Result, Unstructured};
use channel_contract::{Contract, Field, OperatorSet, TemplateType, Width};
use channel_parser::model::{InputType, Operator, TypeId};

macro_rules! breaks {
    ($($code:literal $name:ident,)*) => {
        pub const BREAKS: &[Break] = &[$(Break {
            name: stringify!($name),
            follows: Follows::Lint(concat!("CG", $code)),
            how: How::Model($name),
        },)*];
    };
}

breaks! {
    371 supplies_fewer,
    372 supplies_more,
    373 unsealed,
    374 field_named_twice,
    375 type_without_fields,
    376 types_out_of_order,
    376 type_twice,
    377 limit_of_zero,
    377 cap_of_zero,
    378 cap_past_the_limit,
    379 operators_taken,
    380 operator_without_input,
    381 input_without_operator,
    382 text_of_no_length,
    382 number_with_a_length,
    383 detections_too_narrow,
    383 matches_too_narrow,
    384 sensor_without_a_name,
    384 type_without_a_name,
    384 field_without_a_name,
    385 types_taken,
    386 type_named_twice,
    387 type_too_narrow,
    388 filters_taken,
    388 filter_named_twice,
    389 fields_past_the_mask,
    390 events_at_odds,
    390 facts_taken,
}

/// One of the template types that fit, by its number.
fn choose(
    u: &mut Unstructured<'_>,
    contract: &Contract,
    fits: impl Fn(&TemplateType) -> bool,
) -> Result<Option<usize>> {
    let types = contract.types.iter().enumerate();
    let found: Vec<usize> = types.filter(|(_, one)| fits(one)).map(|(at, _)| at).collect();
    if found.is_empty() { Ok(None) } else { u.choose(&found).copied().map(Some) }
}

/// Changes one of the template types that fit; the place is below it.
fn change(
    u: &mut Unstructured<'_>,
    contract: &mut Contract,
    fits: impl Fn(&TemplateType) -> bool,
    change: impl FnOnce(&mut Unstructured<'_>, &mut TemplateType) -> Result<String>,
) -> Done {
    let Some(at) = choose(u, contract, fits)? else { return Ok(None) };
    let Some(template) = contract.types.get_mut(at) else { return Ok(None) };
    let id = template.id;
    Ok(Some(format!("types[{id}]{}", change(u, template)?)))
}

fn whole(path: &str) -> Done {
    Ok(Some(path.to_owned()))
}

/// July 2024.
fn supplies_fewer(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    change(
        u,
        contract,
        |template| template.supplied > 0 && template.supplied == template.defined(),
        |u, template| {
            template.supplied = u.int_in_range(0..=template.supplied.saturating_sub(1))?;
            Ok(".supplied".into())
        },
    )
}

fn supplies_more(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    change(
        u,
        contract,
        |template| template.supplied == template.defined(),
        |u, template| {
            template.supplied = template.supplied.saturating_add(u.int_in_range(1..=9)?);
            Ok(".supplied".into())
        },
    )
}

fn unsealed(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    if std::mem::replace(&mut contract.sealed, false) { whole("sensor") } else { Ok(None) }
}

fn field_named_twice(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    change(
        u,
        contract,
        |template| template.fields.len() > 1,
        |u, template| {
            let at = u.int_in_range(1..=template.fields.len() - 1)?;
            let name = template.fields.first().map(|field| field.name.clone()).unwrap_or_default();
            template.fields.iter_mut().skip(at).take(1).for_each(|field| field.name.clone_from(&name));
            Ok(format!(".fields[{at}]"))
        },
    )
}

/// Whether another type has a field of every input that this one has.
fn is_replaceable(contract: &Contract, template: &TemplateType) -> bool {
    let others =
        || contract.types.iter().filter(|other| other.id != template.id).flat_map(|other| &other.fields);
    template.fields.iter().all(|field| others().any(|other| other.input == field.input))
}

fn type_without_fields(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let copy = contract.clone();
    change(
        u,
        contract,
        |template| !template.fields.is_empty() && is_replaceable(&copy, template),
        |_, template| {
            (template.fields, template.supplied) = (Vec::new(), 0);
            Ok(".fields".into())
        },
    )
}

/// A contract of two records with their ids the wrong way round has no byte form.
fn types_out_of_order(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let [.., before, last] = contract.types.as_mut_slice() else { return Ok(None) };
    core::mem::swap(before, last);
    Ok(Some(format!("types[{}]", last.id)))
}

fn type_twice(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let Some(last) = contract.types.last() else { return Ok(None) };
    let copy = TemplateType { name: format!("{} again", last.id), ..last.clone() };
    let place = format!("types[{}]", copy.id);
    contract.types.push(copy);
    Ok(Some(place))
}

/// Any but that of instances, without which every instance cap would be too large besides.
fn limit_of_zero(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    use std::mem::take;
    let limits = &mut contract.limits;
    let (before, name) = match u.int_in_range(0..=6u8)? {
        0 => (take(&mut limits.file_bytes), "file_bytes"),
        1 => (take(&mut limits.automaton_bytes), "automaton_bytes"),
        2 => (take(&mut limits.work_per_event), "work_per_event"),
        3 => (take(&mut limits.detections).into(), "detections"),
        4 => (take(&mut limits.clauses_per_criterion).into(), "clauses_per_criterion"),
        5 => (take(&mut limits.patterns_per_clause).into(), "patterns_per_clause"),
        _ => (take(&mut limits.operand_bytes).into(), "operand_bytes"),
    };
    Ok((before > 0).then(|| format!("limits.{name}")))
}

fn cap_of_zero(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let capped = |template: &TemplateType| template.instance_cap > 0;
    change(u, contract, capped, |_, template| {
        template.instance_cap = 0;
        Ok(".instance_cap".into())
    })
}

fn cap_past_the_limit(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let limits = contract.limits;
    let Some(more) = limits.instances.checked_add(1).filter(|n| limits.widths.instances.holds((*n).into()))
    else {
        return Ok(None);
    };
    change(
        u,
        contract,
        |template| template.instance_cap <= limits.instances,
        |_, template| {
            template.instance_cap = more;
            Ok(".instance_cap".into())
        },
    )
}

fn operators_taken(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    if contract.operators.is_empty() {
        return Ok(None);
    }
    contract.operators = OperatorSet::EMPTY;
    whole("operators")
}

fn has_input(contract: &Contract, input: InputType) -> bool {
    contract.types.iter().flat_map(|template| &template.fields).any(|field| field.input == input)
}

fn operator_without_input(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let unread = |operator: &&Operator| {
        !contract.operators.contains(**operator)
            && operator.reads().is_some_and(|input| !has_input(contract, input))
    };
    let found: Vec<_> = Operator::ALL.iter().filter(unread).collect();
    if found.is_empty() || contract.types.is_empty() {
        return Ok(None);
    }
    contract.operators.insert(**u.choose(&found)?);
    whole("operators")
}

fn input_without_operator(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let read = |input: InputType| contract.operators.iter().filter(move |one| one.reads() == Some(input));
    let all = contract.operators.iter().count();
    let fits = |input: &&InputType| {
        let own = read(**input).count();
        has_input(contract, **input) && own > 0 && own < all
    };
    let found: Vec<_> = InputType::ALL.iter().filter(fits).collect();
    if found.is_empty() {
        return Ok(None);
    }
    let input = **u.choose(&found)?;
    for operator in read(input).collect::<Vec<_>>() {
        contract.operators.remove(operator);
    }
    whole("operators")
}

/// Changes one of the fields that fit.
fn change_field(
    u: &mut Unstructured<'_>,
    contract: &mut Contract,
    fits: impl Fn(&Field) -> bool,
    to: impl FnOnce(&mut Field),
) -> Done {
    change(
        u,
        contract,
        |template| template.fields.iter().any(&fits),
        |u, template| {
            let fields = template.fields.iter().enumerate();
            let found: Vec<usize> = fields.filter(|(_, field)| fits(field)).map(|(at, _)| at).collect();
            let at = *u.choose(&found)?;
            if let Some(field) = template.fields.get_mut(at) {
                to(field);
            }
            Ok(format!(".fields[{at}]"))
        },
    )
}

fn text_of_no_length(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let text = |field: &Field| field.input == InputType::Text && field.max_bytes > 0;
    change_field(u, contract, text, |field| field.max_bytes = 0)
}

fn number_with_a_length(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let number = |field: &Field| field.input != InputType::Text && field.max_bytes == 0;
    change_field(u, contract, number, |field| field.max_bytes = 8)
}

/// The widest store that does not hold a number.
fn too_narrow(n: u64) -> Option<Width> {
    Width::new(u8::try_from(n.checked_ilog2()?).ok()?)
}

fn detections_too_narrow(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let Some(width) = too_narrow(contract.limits.detections.into()) else { return Ok(None) };
    contract.limits.widths.detections = width;
    whole("limits.widths.detections")
}

/// The counter of matches that wraps: 65,536 of them are none.
fn matches_too_narrow(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let Some(width) = too_narrow(contract.limits.instances.into()) else { return Ok(None) };
    contract.limits.widths.match_count = width;
    whole("limits.widths.match_count")
}

fn sensor_without_a_name(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let sensor = &mut contract.sensor;
    let (text, path) = match u.int_in_range(0..=3u8)? {
        0 => (&mut sensor.name, "sensor.name"),
        1 => (&mut sensor.version, "sensor.version"),
        2 => (&mut sensor.platform, "sensor.platform"),
        _ => (&mut sensor.build_id, "sensor.build_id"),
    };
    if std::mem::take(text).is_empty() { Ok(None) } else { whole(path) }
}

fn type_without_a_name(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    if contract.types.iter().any(|template| template.name.is_empty()) {
        return Ok(None);
    }
    change(
        u,
        contract,
        |_| true,
        |_, template| {
            template.name.clear();
            Ok(".name".into())
        },
    )
}

fn field_without_a_name(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    change_field(u, contract, |field| !field.name.is_empty(), |field| field.name.clear())
}

fn types_taken(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    if std::mem::take(&mut contract.types).is_empty() { Ok(None) } else { whole("types") }
}

fn type_named_twice(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let [first, .., last] = contract.types.as_mut_slice() else { return Ok(None) };
    if first.event.is_some() || last.event.is_some() || first.name.is_empty() {
        return Ok(None);
    }
    last.name.clone_from(&first.name);
    Ok(Some(format!("types[{}].name", last.id)))
}

/// A store is made too narrow for the largest number of a kind that the template types have.
fn type_too_narrow(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let Contract { limits, types, .. } = contract;
    let most = |number: fn(&TemplateType) -> u32| types.iter().map(number).max().unwrap_or(0);
    let widths = &mut limits.widths;
    let (width, n, name) = match u.int_in_range(0..=3u8)? {
        0 => (&mut widths.type_id, most(|one| one.id.0), "type_id"),
        1 => (&mut widths.type_revision, most(|one| one.revision.0), "type_revision"),
        2 => (&mut widths.channel, most(|one| one.channel.0), "channel"),
        _ => (&mut widths.fields_per_instance, most(TemplateType::defined), "fields_per_instance"),
    };
    Ok(too_narrow(n.into()).map(|narrow| {
        *width = narrow;
        format!("limits.widths.{name}")
    }))
}

fn filters_taken(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let Some(sysmon) = &mut contract.sysmon else { return Ok(None) };
    if std::mem::take(&mut sysmon.filters).is_empty() { Ok(None) } else { whole("sysmon.filters") }
}

fn filter_named_twice(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    let Some(sysmon) = &mut contract.sysmon else { return Ok(None) };
    let Some(first) = sysmon.filters.first().cloned() else { return Ok(None) };
    sysmon.filters.push(first);
    Ok(Some(format!("sysmon.filters[{}]", sysmon.filters.len() - 1)))
}

fn fields_past_the_mask(u: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    if contract.sysmon.is_none() || !contract.limits.widths.fields_per_instance.holds(65) {
        return Ok(None);
    }
    let room = |template: &TemplateType| template.defined() <= 64 && template.supplied == template.defined();
    change(
        u,
        contract,
        |template| room(template) && !template.fields.is_empty(),
        |_, template| {
            while template.defined() <= 64 {
                let Some(last) = template.fields.last().cloned() else { break };
                template.fields.push(Field { name: format!("More{}", template.defined()), ..last });
            }
            template.supplied = template.defined();
            Ok(".fields".into())
        },
    )
}

/// Two events share a name, and do not agree in what happens to them.
fn events_at_odds(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    use channel_contract::sysmon::Action;
    let named: Vec<_> =
        contract.types.iter().map(|template| (template.name.clone(), template.event)).collect();
    let twin = |at: usize, template: &TemplateType| {
        template.event.is_some()
            && named.iter().take(at).any(|(name, event)| *name == template.name && event.is_some())
    };
    // The last of those that share it: the one before it stays as those before that one are.
    let all = contract.types.iter().enumerate();
    let Some(at) = all.filter(|(at, template)| twin(*at, template)).map(|(at, _)| at).next_back() else {
        return Ok(None);
    };
    let Some(TemplateType { id: TypeId(id), event: Some(event), .. }) = contract.types.get_mut(at) else {
        return Ok(None);
    };
    event.default = if event.default == Action::Include { Action::Exclude } else { Action::Include };
    Ok(Some(format!("types[{id}].event")))
}

/// The events stay and the sensor is no Sysmon any more.
fn facts_taken(_: &mut Unstructured<'_>, contract: &mut Contract) -> Done {
    if contract.sysmon.take().is_none() || contract.types.iter().all(|template| template.event.is_none()) {
        return Ok(None);
    }
    whole("types[")
}
