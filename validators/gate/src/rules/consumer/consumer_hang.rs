//! The consumer answers every event in time.

use super::{ProblemKind, Rule, consumer};

#[doc = include_str!("consumer_hang.md")]
pub static RULE: Rule = consumer(
    621,
    "consumer-hang",
    ProblemKind::Hang,
    "the consumer answers every event in time",
    include_str!("consumer_hang.md"),
);
