//! CG61x: what comes out on events about which it is known what content must do. Part of CG6xx, execution; they see
//! another thing than its other rules, which make their events themselves.

pub mod known_good_match;
pub mod missed_detection;

use crate::known_good::Rehearsal;
use channel_validators::rules as judge;
use channel_validators::{Code, Findings, Severity};

/// A rule about known events.
pub type Rule = judge::Rule<Check>;

/// What a rule makes of what was seen on one sensor.
#[derive(Clone, Copy)]
pub struct Check(pub fn(&'static Rule, &Rehearsal<'_>, &mut Findings));

/// The rules of this family, in the order of their codes: about good events, and about expected matches.
pub static RULES: &[&Rule; 2] = &[&known_good_match::RULE, &missed_detection::RULE];

const fn known(
    code: u16,
    name: &'static str,
    summary: &'static str,
    page: &'static str,
    check: Check,
) -> Rule {
    Rule { code: Code(code), name, summary, severity: Severity::Error, page, check, also: None }
}

/// A text from outside as it may stand in a message: visible, and not too long.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 100;
    let shown = channel_validators::report::Escaped;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{}...`", shown(text.get(..end).unwrap_or_default())),
        None => format!("`{}`", shown(text)),
    }
}
