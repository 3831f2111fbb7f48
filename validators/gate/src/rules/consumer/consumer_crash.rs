//! The consumer lives through loading and every event.

use super::{ProblemKind, Rule, consumer};

#[doc = include_str!("consumer_crash.md")]
pub static RULE: Rule = consumer(
    620,
    "consumer-crash",
    ProblemKind::Crash,
    "the consumer lives through loading and every event",
    include_str!("consumer_crash.md"),
);
