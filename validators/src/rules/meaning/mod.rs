//! CG4xx: content that cannot mean what its author meant, on whatever sensor.

use super::{Check, Rule, family};
use crate::{Code, Severity};

family![regex, no_detection, name_cut, match_all, duplicate, shadowed, defeated,];

const fn meaning(
    code: u16,
    name: &'static str,
    summary: &'static str,
    page: &'static str,
    check: Check,
) -> Rule {
    Rule { code: Code(code), name, summary, severity: Severity::Error, page, check, also: None }
}
