//! A contract to section bytes.

use super::record::seal_record;
use super::*;
use crate::{Contract, Error, ErrorKind, Field, Limits, TemplateType, text};
use alloc::{format, vec, vec::Vec};
use channel_parser::model::InputType;

/// Writes the records of a contract: the sensor's first, then the template types ascending by id, then Sysmon's facts if there
/// are any. They are sealed if the contract is. [`read`] gives the same contract back.
pub fn write(contract: &Contract) -> Result<Vec<u8>, Error> {
    let mut section = Vec::new();
    push(&mut section, Kind::Sensor, sensor_body(contract)?, contract.sealed);
    let ids = contract.types.iter().map(|template| template.id);
    if !ids.clone().zip(ids.skip(1)).all(|(one, next)| one < next) {
        let error = Error::new(ErrorKind::Unwritable, "every id once, ascending", "another order");
        return Err(error.path("types"));
    }
    for (n, template) in contract.types.iter().enumerate() {
        let body = type_body(template, &format!("types[{n}]"))?;
        push(&mut section, Kind::TemplateType, body, contract.sealed);
    }
    if let Some(body) = sysmon::body(contract)? {
        push(&mut section, Kind::Sysmon, body, contract.sealed);
    }
    Ok(section)
}

/// The body with its frame.
fn push(section: &mut Vec<u8>, kind: Kind, body: Vec<u8>, sealed: bool) {
    let length = u32::try_from(body.len().saturating_add(HEAD)).unwrap_or(u32::MAX);
    let mut record = Vec::new();
    record.extend(MAGIC);
    record.extend(VERSION.to_le_bytes());
    record.extend([kind as u8, 0]);
    record.extend(length.to_le_bytes());
    record.extend([0; 8]);
    record.extend(body);
    if sealed {
        seal_record(&mut record);
    }
    section.extend(record);
}

fn sensor_body(contract: &Contract) -> Result<Vec<u8>, Error> {
    let (sensor, limits) = (&contract.sensor, &contract.limits);
    let mut out = Vec::new();
    push_text(&mut out, &sensor.name, "sensor.name")?;
    push_text(&mut out, &sensor.version, "sensor.version")?;
    push_text(&mut out, &sensor.platform, "sensor.platform")?;
    push_text(&mut out, &sensor.build_id, "sensor.build_id")?;
    out.extend(contract.interpreter.to_le_bytes());
    out.extend(u32::try_from(contract.types.len()).unwrap_or(u32::MAX).to_le_bytes());
    for n in [contract.operators.bits(), limits.file_bytes, limits.automaton_bytes, limits.work_per_event] {
        out.extend(n.to_le_bytes());
    }
    let Limits { detections, instances, clauses_per_criterion, patterns_per_clause, operand_bytes, .. } =
        *limits;
    for n in [detections, instances, clauses_per_criterion, patterns_per_clause, operand_bytes] {
        out.extend(n.to_le_bytes());
    }
    out.extend(limits.widths.to_array().map(|width| width.bits()));
    out.push(0);
    Ok(out)
}

fn type_body(template: &TemplateType, path: &str) -> Result<Vec<u8>, Error> {
    let TemplateType { id, revision, channel, instance_cap, supplied, .. } = template;
    if template.defined() > MAX_FIELDS {
        let error = Error::new(ErrorKind::Unwritable, "at most 4096 fields", template.defined());
        return Err(error.path(format!("{path}.fields")));
    }
    let mut out = Vec::new();
    push_text(&mut out, &template.name, &format!("{path}.name"))?;
    for n in [id.0, revision.0, channel.0, *instance_cap, template.defined(), *supplied] {
        out.extend(n.to_le_bytes());
    }
    for (n, field) in template.fields.iter().enumerate() {
        push_field(&mut out, field, &format!("{path}.fields[{n}]"))?;
    }
    Ok(out)
}

fn push_field(out: &mut Vec<u8>, field: &Field, path: &str) -> Result<(), Error> {
    if field.input != InputType::Text && field.max_bytes != 0 {
        let error = Error::new(ErrorKind::Unwritable, "0, as the input is no text", field.max_bytes);
        return Err(error.path(format!("{path}.max_bytes")));
    }
    push_text(out, &field.name, &format!("{path}.name"))?;
    out.extend([field.input.number(), field.nullable.into(), 0, 0]);
    out.extend(field.max_bytes.to_le_bytes());
    Ok(())
}

pub(super) fn push_text(out: &mut Vec<u8>, text: &str, path: &str) -> Result<(), Error> {
    if let Some(found) = text::refuse(text) {
        return Err(Error::new(ErrorKind::Unwritable, text::EXPECTED, found).path(path));
    }
    out.extend(text.bytes());
    out.extend(vec![0; TEXT.saturating_sub(text.len())]);
    Ok(())
}
