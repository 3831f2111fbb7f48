//! The consumer was run on everything.

use super::{ProblemKind, Rule, consumer};
use channel_validators::Severity;

#[doc = include_str!("consumer_incomplete.md")]
pub static RULE: Rule = Rule {
    // Nothing is wrong with the content as far as anybody knows: the verdict says that nobody does.
    severity: Severity::Warning,
    ..consumer(
        625,
        "consumer-incomplete",
        ProblemKind::Incomplete,
        "the consumer was run on everything",
        include_str!("consumer_incomplete.md"),
    )
};
