//! The automata of all regexes fit the memory that the sensor has for them.

use super::{Amount, over};
use crate::rules::{Check, Rule};
use crate::{Findings, Pairing};
use channel_parser::Path;
use channel_parser::channel::Table;

#[doc = include_str!("automaton_bytes.md")]
pub static RULE: Rule = super::limit(
    209,
    "automaton-bytes",
    "the automata of all regexes fit the memory that the sensor has for them",
    include_str!("automaton_bytes.md"),
    Check::Sensor(check),
);

fn check(rule: &'static Rule, pairing: &Pairing<'_>, findings: &mut Findings) {
    let amount = Amount {
        path: Path::of("patterns"),
        span: pairing.file.table(Table::Patterns).count_span(),
        found: pairing.content.automaton_bytes(),
        limit: pairing.contract().limits.automaton_bytes,
        what: "the file",
        of: "bytes of automata for its regexes",
        key: "limits.automaton_bytes",
        help: "replace regexes by globs, prefixes or lists of words, and large counted repetitions by `+`",
    };
    over(rule, pairing, amount, findings);
}
