//! A text operand is no longer than the longest input that the sensor supplies for its field.

use super::{about_pattern, contract, quoted, sensor_of};
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing, Understood};
use channel_parser::model::{InputType, Operator};

#[doc = include_str!("operand_length.md")]
pub static RULE: Rule = contract(
    311,
    "operand-length",
    "a text operand is no longer than the longest input of its field",
    include_str!("operand_length.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    use Operator::{Contains, Exact, Prefix, Suffix};
    for Understood { key, field, input, path, pattern } in pairing.understood() {
        let whole = matches!(pattern.operator(), Some(Exact | Prefix | Suffix | Contains));
        if !whole || input.input != InputType::Text {
            continue;
        }
        let (length, longest) = (pattern.operand_bytes().len() as u64, u64::from(input.max_bytes));
        // A case mapping can change the length of text, never below one byte for four.
        let shortest = if pattern.nocase() { length.div_ceil(4) } else { length };
        if shortest <= longest && !(channel_parser::planted!("as-long-as-the-input") && shortest == longest) {
            continue;
        }
        let message = format!(
            "a pattern on field {field} {} has {length} bytes, but {} supplies at most {longest}",
            quoted(&input.name),
            sensor_of(pairing),
        );
        findings.push(
            about_pattern(rule, path, &pattern, message, "this pattern can never match")
                .sides(format!("at most {longest} bytes"), format!("{length} bytes"))
                .stated(format!("{key}.max_bytes"), longest)
                .help("match on a shorter part of the text"),
        );
    }
}
