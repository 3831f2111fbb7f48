//! CG6xx: what comes out when content is executed. Whatever these find is news: what the validator said of the same place
//! already is not said again.

use super::{Check, Rule, family};
use channel_validators::{Code, Severity};

family![event_fault, undecided, whole_set, load_fault, never_matches,];

const fn execution(
    code: u16,
    name: &'static str,
    summary: &'static str,
    page: &'static str,
    check: Check,
) -> Rule {
    Rule { code: Code(code), name, summary, severity: Severity::Error, page, check, also: None }
}
