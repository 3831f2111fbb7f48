//! The consumer matches what our interpreter matches.

use super::{ProblemKind, Rule, consumer};

#[doc = include_str!("consumer_disagrees.md")]
pub static RULE: Rule = consumer(
    623,
    "consumer-disagrees",
    ProblemKind::Disagrees,
    "the consumer matches what our interpreter matches",
    include_str!("consumer_disagrees.md"),
);
