//! From an accepted file to its canonical text.

use crate::channel::{ChannelFile, Detection, Instance, Operand, Pattern, Provenance, TemplateType};
use crate::model::*;
use crate::text::{Name, Quoted};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// Bytes of an unknown section on one line.
const HEX: usize = 32;

/// The canonical text of an accepted file.
pub fn print(file: &ChannelFile<'_>) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail, and no `Display` here fails by itself.
    let _ = whole(&mut out, file);
    out
}

fn whole(out: &mut String, file: &ChannelFile<'_>) -> fmt::Result {
    let header = file.header();
    writeln!(out, "channel-file 1")?;
    writeln!(out, "channel {} part {} revision {}", header.channel, header.part, header.revision)?;
    for template in file.types() {
        let name = Name(template.name().unwrap_or_default());
        writeln!(out, "\ntype {} revision {} {name}", template.id(), template.revision())?;
        for field in template.fields() {
            writeln!(out, "  field {}", Name(field.unwrap_or_default()))?;
        }
    }
    let names: Vec<_> = file.types().map(own_names).collect();
    for one in file.detections() {
        detection(out, &names, &one)?;
    }
    for entry in file.extra_sections() {
        writeln!(out, "\nsection {}", Name(core::str::from_utf8(&entry.name).unwrap_or_default()))?;
        for line in file.section_bytes(&entry).chunks(HEX) {
            write!(out, " ")?;
            line.iter().try_for_each(|b| write!(out, " {b:02x}"))?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// The names of the fields of a template type; `None` for one that several fields have.
fn own_names(template: TemplateType<'_>) -> Vec<Option<&str>> {
    let mut count = BTreeMap::new();
    for name in template.fields() {
        count.entry(name).and_modify(|alone| *alone = false).or_insert(true);
    }
    template.fields().map(|name| name.filter(|_| count.get(&name) == Some(&true))).collect()
}

fn detection(out: &mut String, names: &[Vec<Option<&str>>], detection: &Detection<'_>) -> fmt::Result {
    let level = detection.level().unwrap_or(Level::Informational);
    writeln!(out, "\ndetection {} level {level}", Name(detection.id().unwrap_or_default()))?;
    if let Some(Provenance { title, author, licence, source }) = detection.provenance() {
        let texts = [("title", title), ("author", author), ("licence", licence), ("source", source)];
        for (word, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            writeln!(out, "  {word} {}", Quoted(text))?;
        }
    }
    detection.include().try_for_each(|one| instance(out, names, "include", &one))?;
    detection.exclude().try_for_each(|one| instance(out, names, "exclude", &one))
}

fn instance(
    out: &mut String,
    names: &[Vec<Option<&str>>],
    word: &str,
    instance: &Instance<'_>,
) -> fmt::Result {
    let Some(template) = instance.template() else { return Ok(()) };
    let names = names.get(template.index().0 as usize);
    write!(out, "  {word} type {}", template.id())?;
    if instance.field_count() != template.field_count() && !planted!("count-not-printed") {
        write!(out, " fields {}", instance.field_count())?;
    }
    writeln!(out)?;
    for criterion in instance.criteria() {
        for clause in criterion.clauses() {
            let FieldIndex(index) = criterion.field();
            match names.and_then(|names| *names.get(index as usize)?) {
                Some(name) => write!(out, "    {}", Name(name))?,
                None => write!(out, "    [{index}]")?,
            }
            write!(out, ": {}", clause.quantifier().unwrap_or(Quantifier::AnyOf))?;
            let separator = if clause.patterns().len() == 1 { " " } else { "\n      " };
            for one in clause.patterns() {
                out.push_str(separator);
                pattern(out, &one)?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

fn pattern(out: &mut String, pattern: &Pattern<'_>) -> fmt::Result {
    let (Some(operator), Some(operand)) = (pattern.operator(), pattern.operand()) else { return Ok(()) };
    write!(out, "{operator}")?;
    if pattern.nocase() {
        write!(out, " nocase")?;
    }
    if operand != Operand::None {
        write!(out, " {operand}")?;
    }
    Ok(())
}
