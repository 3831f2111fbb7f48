//! The consumer matches, and logs, what our interpreter does.

use super::{ProblemKind, Rule, consumer};

#[doc = include_str!("consumer_disagrees.md")]
pub static RULE: Rule = consumer(
    623,
    "consumer-disagrees",
    ProblemKind::Disagrees,
    "the consumer matches and logs what our interpreter does",
    include_str!("consumer_disagrees.md"),
);
