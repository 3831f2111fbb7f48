//! Every criterion is reached by events that satisfy it and by events that do not.

use crate::execute::Reason;
use crate::rules::{Check, Rule};
use crate::sight::Sight;
use channel_validators::{Finding, Findings, Severity};

#[doc = include_str!("undecided.md")]
pub static RULE: Rule = Rule {
    severity: Severity::Warning,
    ..super::execution(
        602,
        "undecided",
        "every criterion is reached, satisfied and missed by events",
        include_str!("undecided.md"),
        Check(check),
    )
};

fn check(rule: &'static Rule, sight: &Sight<'_>, findings: &mut Findings) {
    for undecided in &sight.execution.undecided {
        let what = &undecided.what;
        let (message, found, help) = match undecided.reason {
            // Said by the rule about the fault, about the criterion before it, or about what never matches.
            Reason::Faults | Reason::Behind | Reason::NeverHolds | Reason::LeftOut => continue,
            Reason::NoMatch => (
                format!("{what} was not seen to hold: no input that we tried satisfies it"),
                "none was found that satisfies it",
                "look whether its clauses contradict each other; if they do not, try it on an event of your own",
            ),
            Reason::AlwaysHolds => (
                format!("{what} holds for every input: it decides nothing"),
                "every input satisfies it",
                "write the wildcard, if that is meant, or what was meant instead",
            ),
            Reason::NoMiss => (
                format!("{what} was not seen to fail: every input that we tried satisfies it"),
                "none was found that fails it",
                "look whether it decides anything; if it does, try it on an event of your own",
            ),
        };
        if sight.is_known(&undecided.path) {
            continue;
        }
        findings.push(
            Finding::new(rule, undecided.path, message)
                .at(undecided.span.clone(), what.clone())
                .sides("inputs that satisfy it and inputs that do not", found)
                .help(help),
        );
    }
}
