//! Neighbours of chosen records: a few edits of just them. Half of the edits of a channel file put a pattern on a field that
//! the sensor can compare with it, so that much of what comes of it is content that a sensor may get; the others are those
//! of any mutation.

use super::{blob, content};
use crate::Config;
use crate::generate::Operands;
use arbitrary::{Result, Unstructured};
use channel_contract::Contract;
use channel_parser::draft::{Clause, Draft, Instance};
use channel_parser::model::Quantifier;
use channel_parser::sysmon;

/// At most so many edits; at least none, for the records themselves are tried too.
const EDITS: u8 = 3;

/// Edits the records of a channel file for a sensor.
///
/// # Errors
///
/// As [`super::file()`].
pub fn records(u: &mut Unstructured<'_>, draft: &mut Draft, contract: &Contract) -> Result<()> {
    let config = Config::default();
    let mut operands = Operands::new(contract, &config);
    for _ in 0..u.int_in_range(0..=EDITS)? {
        if u.arbitrary()? {
            fitting(u, draft, contract, &mut operands)?;
        } else {
            content::edit(u, draft)?;
        }
    }
    Ok(())
}

/// Edits the rules of a blob.
///
/// # Errors
///
/// As [`super::file()`].
pub fn rules(u: &mut Unstructured<'_>, draft: &mut sysmon::draft::Draft) -> Result<()> {
    for _ in 0..u.int_in_range(0..=EDITS)? {
        blob::edit(u, draft)?;
    }
    Ok(())
}

/// Puts a pattern on a field of an instance that the sensor knows: a clause more, an alternative more, or in place of one.
fn fitting(
    u: &mut Unstructured<'_>,
    draft: &mut Draft,
    contract: &Contract,
    operands: &mut Operands<'_>,
) -> Result<()> {
    let mut all: Vec<&mut Instance> =
        draft.detections.iter_mut().flat_map(|one| one.include.iter_mut().chain(&mut one.exclude)).collect();
    if all.is_empty() {
        return Ok(());
    }
    let index = u.choose_index(all.len())?;
    let Some(instance) = all.get_mut(index).filter(|instance| !instance.criteria.is_empty()) else {
        return Ok(());
    };
    // The last field is where July 2024 happened.
    let last = instance.criteria.len() - 1;
    let at = if u.ratio(1, 8)? { last } else { u.choose_index(last + 1)? };
    let declared = draft.types.get(instance.template.0 as usize);
    let field = declared.and_then(|declared| contract.template(declared.id)?.fields.get(at));
    let (Some(field), Some(criterion)) = (field, instance.criteria.get_mut(at)) else { return Ok(()) };
    let Some(pattern) = operands.pattern(u, field)? else { return Ok(()) };
    let clause = match criterion.clauses.len() {
        0 => None,
        n => criterion.clauses.get_mut(u.choose_index(n)?),
    };
    match (clause, u.int_in_range(0..=2u8)?) {
        (Some(clause), 0) => clause.patterns.push(pattern),
        (Some(clause), 1) if !clause.patterns.is_empty() => {
            let old = u.choose_index(clause.patterns.len())?;
            clause.patterns.get_mut(old).into_iter().for_each(|old| *old = pattern.clone());
        }
        _ => {
            let quantifier = *u.choose(Quantifier::ALL)?;
            criterion.clauses.push(Clause { quantifier, patterns: vec![pattern] });
        }
    }
    Ok(())
}
