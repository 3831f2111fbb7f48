//! No criterion contradicts itself.

use crate::execute::Reason;
use crate::rules::{Check, Rule};
use crate::sight::Sight;
use channel_validators::{Finding, Findings, Severity};

#[doc = include_str!("never_matches.md")]
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    ..super::execution(
        605,
        "never-matches",
        "there is an input that satisfies a criterion",
        include_str!("never_matches.md"),
        Check(check),
    )
};

fn check(rule: &'static Rule, sight: &Sight<'_>, findings: &mut Findings) {
    let never = |one: &&crate::Undecided| one.reason == Reason::NeverHolds;
    for undecided in sight.execution.undecided.iter().filter(never) {
        if sight.is_known(&undecided.path) {
            continue;
        }
        let what = &undecided.what;
        let message = format!("no input satisfies {what}: its instance can never match");
        findings.push(
            Finding::new(rule, undecided.path, message)
                .at(undecided.span.clone(), what.clone())
                .sides("an input that satisfies every clause", "clauses that contradict each other")
                .help("drop the clause that was not meant, or the instance"),
        );
    }
}
