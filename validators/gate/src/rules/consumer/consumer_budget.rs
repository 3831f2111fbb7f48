//! The consumer keeps to its memory, and does not grow from event to event.

use super::{ProblemKind, Rule, consumer};

#[doc = include_str!("consumer_budget.md")]
pub static RULE: Rule = consumer(
    622,
    "consumer-budget",
    ProblemKind::Budget,
    "the consumer keeps to its memory, and does not grow from event to event",
    include_str!("consumer_budget.md"),
);
