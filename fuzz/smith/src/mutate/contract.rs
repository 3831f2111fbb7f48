//! Edits of what a contract says: a neighbouring build of the sensor, or one that contradicts itself.

use super::{list, mix, number};
use arbitrary::{Result, Unstructured};
use channel_contract::sysmon::{Action, Event, Target};
use channel_contract::{Contract, Field, TemplateType, Width, Widths};
use channel_parser::model::{Channel, InputType, Operator, TypeId, TypeRevision};

/// One edit.
pub fn edit(u: &mut Unstructured<'_>, contract: &mut Contract) -> Result<()> {
    match u.int_in_range(0..=12u8)? {
        0 => about(u, contract)?,
        1 => {
            let operator = *u.choose(Operator::ALL)?;
            if !contract.operators.remove(operator) {
                contract.operators.insert(operator);
            }
        }
        2..=4 => limits(u, contract)?,
        5 => list(u, &mut contract.types)?,
        6 if contract.sysmon.is_some() => facts(u, contract)?,
        _ if contract.types.is_empty() => {}
        _ => {
            let at = u.choose_index(contract.types.len())?;
            contract.types.get_mut(at).map_or(Ok(()), |template| edit_type(u, template))?;
        }
    }
    settle(contract);
    Ok(())
}

/// Template types of both; the operators and the limits are those of one of them.
pub fn cross(u: &mut Unstructured<'_>, contract: &mut Contract, other: Contract) -> Result<()> {
    mix(u, &mut contract.types, other.types)?;
    if u.arbitrary()? {
        contract.limits = other.limits;
    }
    if u.arbitrary()? {
        contract.operators = other.operators;
    }
    settle(contract);
    Ok(())
}

/// What has no byte form is for damage.
fn settle(contract: &mut Contract) {
    contract.types.sort_by_key(|template| template.id);
    contract.types.dedup_by_key(|template| template.id);
    let sysmon = contract.sysmon.is_some();
    for template in &mut contract.types {
        template.event = template.event.filter(|_| sysmon);
        for field in template.fields.iter_mut().filter(|field| field.input != InputType::Text) {
            field.max_bytes = 0;
        }
    }
}

fn text(u: &mut Unstructured<'_>) -> Result<String> {
    Ok((*u.choose(&["", "a", "7.11", "windows", "Größe", "🦀", "'", "_".repeat(79).as_str()])?).to_owned())
}

fn about(u: &mut Unstructured<'_>, contract: &mut Contract) -> Result<()> {
    let text = text(u)?;
    match u.int_in_range(0..=5u8)? {
        0 => contract.sensor.name = text,
        1 => contract.sensor.version = text,
        2 => contract.sensor.platform = text,
        3 => contract.sensor.build_id = text,
        4 => contract.interpreter = number(u, contract.interpreter)?,
        _ => contract.sealed = !contract.sealed,
    }
    Ok(())
}

fn limits(u: &mut Unstructured<'_>, contract: &mut Contract) -> Result<()> {
    let limits = &mut contract.limits;
    let wide = |u: &mut Unstructured<'_>, old: &mut u64| -> Result<()> {
        *old = match u.ratio(1, 4)? {
            true => u.arbitrary()?,
            false => number(u, u32::try_from(*old).unwrap_or(u32::MAX))?.into(),
        };
        Ok(())
    };
    match u.int_in_range(0..=9u8)? {
        0 => wide(u, &mut limits.file_bytes)?,
        1 => wide(u, &mut limits.automaton_bytes)?,
        2 => wide(u, &mut limits.work_per_event)?,
        3 => limits.detections = number(u, limits.detections)?,
        4 => limits.instances = number(u, limits.instances)?,
        5 => limits.clauses_per_criterion = number(u, limits.clauses_per_criterion)?,
        6 => limits.patterns_per_clause = number(u, limits.patterns_per_clause)?,
        7 => limits.operand_bytes = number(u, limits.operand_bytes)?,
        _ => {
            let mut widths = limits.widths.to_array();
            let at = u.choose_index(widths.len())?;
            let bits = u.int_in_range(1..=64)?;
            widths.iter_mut().skip(at).take(1).for_each(|width| *width = Width::new(bits).unwrap_or(*width));
            limits.widths = Widths::from_array(widths);
        }
    }
    Ok(())
}

fn facts(u: &mut Unstructured<'_>, contract: &mut Contract) -> Result<()> {
    let Some(sysmon) = &mut contract.sysmon else { return Ok(()) };
    match u.int_in_range(0..=3u8)? {
        0 => list(u, &mut sysmon.filters)?,
        1 => sysmon.filters.push(text(u)?),
        2 => sysmon.schema = sysmon.binary,
        _ => contract.sysmon = None,
    }
    Ok(())
}

fn edit_type(u: &mut Unstructured<'_>, template: &mut TemplateType) -> Result<()> {
    match u.int_in_range(0..=13u8)? {
        0 => template.id = TypeId(number(u, template.id.0)?),
        1 => template.revision = TypeRevision(number(u, template.revision.0)?),
        2 => template.channel = Channel(number(u, template.channel.0)?),
        3 => template.name = text(u)?,
        4 => template.instance_cap = number(u, template.instance_cap)?,
        // The fact that has differed.
        5..=7 => template.supplied = number(u, template.supplied)?,
        8 => list(u, &mut template.fields)?,
        9 if template.event.is_some() => {
            let (default, target) = (*u.choose(Action::ALL)?, *u.choose(Target::ALL)?);
            template.event = Some(Event { default, target });
        }
        9 => {
            let field =
                Field { name: text(u)?, input: *u.choose(InputType::ALL)?, nullable: true, max_bytes: 64 };
            template.fields.push(field);
        }
        _ if template.fields.is_empty() => {}
        _ => {
            let at = u.choose_index(template.fields.len())?;
            template.fields.get_mut(at).map_or(Ok(()), |field| edit_field(u, field))?;
        }
    }
    Ok(())
}

fn edit_field(u: &mut Unstructured<'_>, field: &mut Field) -> Result<()> {
    match u.int_in_range(0..=3u8)? {
        0 => field.name = text(u)?,
        1 => field.input = *u.choose(InputType::ALL)?,
        2 => field.nullable = !field.nullable,
        _ => field.max_bytes = number(u, field.max_bytes)?,
    }
    Ok(())
}
