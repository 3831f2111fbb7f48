//! The canonical text: one contract, one text.

use crate::sysmon::{Event, Sysmon};
use crate::{Contract, Field, Widths};
use alloc::{format, string::String};
use channel_parser::model::InputType;

/// Prints a contract. [`parse`](super::parse) gives it back if it can be written at all (see
/// [`bytes::write`](crate::bytes::write) for what cannot), and its own text is printed byte for byte again.
pub fn print(contract: &Contract) -> String {
    let mut out = format!("interpreter = {}\n", contract.interpreter);
    list(&mut out, "operators", contract.operators.iter().map(|operator| operator.word()));
    if !contract.sealed {
        out.push_str("sealed = false\n");
    }
    let sensor = &contract.sensor;
    out.push_str("\n[sensor]\n");
    let texts = [&sensor.name, &sensor.version, &sensor.platform, &sensor.build_id];
    for (key, text) in ["name", "version", "platform", "build_id"].into_iter().zip(texts) {
        out.push_str(&format!("{key} = {}\n", quote(text)));
    }
    print_limits(&mut out, contract);
    if let Some(sysmon) = &contract.sysmon {
        let Sysmon { schema, binary, filters } = sysmon;
        out.push_str(&format!("\n[sysmon]\nschema = \"{schema}\"\nbinary = \"{binary}\"\n"));
        list(&mut out, "filters", filters.iter().map(String::as_str));
    }
    for template in &contract.types {
        out.push_str(&format!(
            "\n[[types]]\nid = {}\nrevision = {}\nchannel = {}\nname = {}\ninstance_cap = {}\nsupplied = {}\n",
            template.id,
            template.revision,
            template.channel,
            quote(&template.name),
            template.instance_cap,
            template.supplied,
        ));
        if let Some(Event { default, target }) = &template.event {
            out.push_str(&format!("event = {{ default = \"{default}\", target = \"{target}\" }}\n"));
        }
        out.push_str("fields = [\n");
        for field in &template.fields {
            out.push_str(&print_field(field));
        }
        out.push_str("]\n");
    }
    out
}

fn list<'a>(out: &mut String, key: &str, words: impl Iterator<Item = &'a str>) {
    out.push_str(&format!("{key} = ["));
    for (n, word) in words.enumerate() {
        out.push_str(if n == 0 { "" } else { ", " });
        out.push_str(&quote(word));
    }
    out.push_str("]\n");
}

fn print_limits(out: &mut String, contract: &Contract) {
    let limits = &contract.limits;
    let numbers = [
        ("file_bytes", limits.file_bytes),
        ("detections", limits.detections.into()),
        ("instances", limits.instances.into()),
        ("clauses_per_criterion", limits.clauses_per_criterion.into()),
        ("patterns_per_clause", limits.patterns_per_clause.into()),
        ("operand_bytes", limits.operand_bytes.into()),
        ("automaton_bytes", limits.automaton_bytes),
        ("work_per_event", limits.work_per_event),
    ];
    out.push_str("\n[limits]\n");
    for (key, n) in numbers {
        let value = if n > i64::MAX as u64 { format!("\"{n}\"") } else { format!("{n}") };
        out.push_str(&format!("{key} = {value}\n"));
    }
    out.push_str("\n[limits.widths]\n");
    for (key, width) in Widths::NAMES.into_iter().zip(limits.widths.to_array()) {
        out.push_str(&format!("{key} = {}\n", width.bits()));
    }
}

fn print_field(field: &Field) -> String {
    let mut out = format!("    {{ name = {}, input = {}", quote(&field.name), quote(field.input.word()));
    if field.input == InputType::Text || field.max_bytes != 0 {
        out.push_str(&format!(", max_bytes = {}", field.max_bytes));
    }
    if field.nullable {
        out.push_str(", nullable = true");
    }
    out.push_str(" },\n");
    out
}

/// A basic string of TOML. Control characters, which a readable contract has none of, are escaped too.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
