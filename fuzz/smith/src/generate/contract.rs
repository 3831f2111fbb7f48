//! Contracts: sensors of every kind and narrowness, those included that supply fewer inputs than they define.

use arbitrary::{Result, Unstructured};
use channel_contract::{Contract, Field, Limits, MAX_TEXT, Sensor, TemplateType, Width, Widths};
use channel_parser::model::*;

/// A sensor that can load content, each of its limits either tight or out of reach.
///
/// # Errors
///
/// None but those of `arbitrary`, which a source of choices that is exhausted does not raise.
pub fn contract(u: &mut Unstructured<'_>) -> Result<Contract> {
    let mut operators = channel_contract::OperatorSet::EMPTY;
    for operator in Operator::ALL {
        if u.ratio(3, 4)? {
            operators.insert(*operator);
        }
    }
    if operators.is_empty() {
        operators = channel_contract::OperatorSet::all();
    }
    let mut types = Vec::new();
    let mut id = 0u32;
    for number in 0..u.int_in_range(1..=3u32)? {
        id += if u.ratio(1, 12)? { 0xffff } else { u.int_in_range(1..=4u32)? };
        types.push(template(u, id, number)?);
    }
    let sensor = Sensor {
        name: "generated".into(),
        version: "1".into(),
        platform: "any".into(),
        build_id: "generated".into(),
    };
    let (limits, sealed) = (limits(u)?, u.ratio(7, 8)?);
    Ok(Contract { sensor, interpreter: 1, operators, limits, types, sealed, sysmon: None })
}

/// A sensor that contradicts itself in nothing: every input is supplied and has an operator, every operator has an input,
/// and every number fits where it is stored.
///
/// # Errors
///
/// As [`contract`].
pub fn sound_contract(u: &mut Unstructured<'_>) -> Result<Contract> {
    let mut contract = contract(u)?;
    contract.sealed = true;
    let Contract { limits, types, operators, .. } = &mut contract;
    limits.automaton_bytes = limits.automaton_bytes.max(1);
    for template in types.iter_mut() {
        template.supplied = template.defined();
        template.instance_cap = template.instance_cap.min(limits.instances);
    }
    let inputs = || types.iter().flat_map(|template| &template.fields).map(|field| field.input);
    for operator in Operator::ALL {
        match operator.reads() {
            Some(input) if inputs().all(|other| other != input) => _ = operators.remove(*operator),
            Some(input) if !operators.iter().any(|other| other.reads() == Some(input)) => {
                operators.insert(*operator);
            }
            _ => {}
        }
    }
    let most = |number: fn(&TemplateType) -> u32| types.iter().map(number).max().unwrap_or(0);
    let widths = &mut limits.widths;
    let stores = [
        (&mut widths.channel, most(|one| one.channel.0)),
        (&mut widths.type_id, most(|one| one.id.0)),
        (&mut widths.type_revision, most(|one| one.revision.0)),
        (&mut widths.fields_per_instance, most(TemplateType::defined)),
        (&mut widths.instances, limits.instances),
        (&mut widths.match_count, limits.instances),
        (&mut widths.detections, limits.detections),
    ];
    for (width, n) in stores {
        if !width.holds(n.into()) {
            *width = Width::default();
        }
    }
    Ok(contract)
}

fn template(u: &mut Unstructured<'_>, id: u32, number: u32) -> Result<TemplateType> {
    let mut fields = Vec::new();
    // July 2024 was the twenty-first.
    let most = if u.ratio(1, 8)? { 30 } else { 6 };
    for field in 0..u.int_in_range(1..=most)? {
        let input = *u.choose(InputType::ALL)?;
        let max_bytes = if input == InputType::Text { *u.choose(&[8, 64, 4096, u32::MAX])? } else { 0 };
        let name = name(u, "Field", field)?;
        fields.push(Field { name, input, nullable: u.arbitrary()?, max_bytes });
    }
    let defined = u32::try_from(fields.len()).unwrap_or(u32::MAX);
    // The fault of July 2024, once in three sensors.
    let supplied = if u.ratio(1, 3)? { u.int_in_range(0..=defined)? } else { defined };
    Ok(TemplateType {
        id: TypeId(id),
        revision: TypeRevision(u.int_in_range(1..=9)?),
        channel: Channel(if u.ratio(1, 4)? { 2 } else { 1 }),
        name: name(u, "type", number)?,
        instance_cap: tight(u, 9, 1000)?,
        fields,
        supplied,
        event: None,
    })
}

/// A name that no other number has; at times one that is hard to quote, or as long as any.
fn name(u: &mut Unstructured<'_>, word: &str, number: u32) -> Result<String> {
    Ok(match u.int_in_range(0..=15u8)? {
        0 => format!("{word} {number}: 'ß' \"🦀\" \\ #"),
        1 => format!("{word}{}{number}", "_".repeat(MAX_TEXT - word.len() - number.to_string().len())),
        _ => format!("{word}{number}"),
    })
}

/// A small number, or one that small content never reaches.
fn tight(u: &mut Unstructured<'_>, small: u32, large: u32) -> Result<u32> {
    if u.ratio(1, 3)? { u.int_in_range(1..=small) } else { Ok(large) }
}

fn limits(u: &mut Unstructured<'_>) -> Result<Limits> {
    let mut bits = [Width::default(); 11];
    for width in &mut bits {
        let chosen = if u.ratio(1, 6)? { *u.choose(&[2, 4, 8, 16])? } else { *u.choose(&[31, 32, 63, 64])? };
        *width = Width::new(chosen).unwrap_or_default();
    }
    Ok(Limits {
        file_bytes: tight(u, 4000, 1 << 24)?.into(),
        detections: tight(u, 4, 1000)?,
        instances: tight(u, 8, 1000)?,
        clauses_per_criterion: tight(u, 3, 100)?,
        patterns_per_clause: tight(u, 4, 1000)?,
        operand_bytes: tight(u, 12, 1000)?,
        automaton_bytes: if u.ratio(1, 3)? { 0 } else { 1 << 30 },
        work_per_event: tight(u, 20, 100_000)?.into(),
        widths: Widths::from_array(bits),
    })
}
