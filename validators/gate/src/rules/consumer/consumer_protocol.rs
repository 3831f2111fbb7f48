//! The consumer keeps to the protocol.

use super::{ProblemKind, Rule, consumer};

#[doc = include_str!("consumer_protocol.md")]
pub static RULE: Rule = consumer(
    624,
    "consumer-protocol",
    ProblemKind::Protocol,
    "the consumer keeps to the protocol",
    include_str!("consumer_protocol.md"),
);
