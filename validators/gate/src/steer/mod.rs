//! Steering: what the inputs of an event must be so that a criterion is really reached, and holds or does not. What is
//! built here is only a proposal: the interpreter alone says what an event comes to.
//!
//! Every search is bounded: a criterion costs a fixed number of tries, each linear in its patterns.

mod filter;
mod numbers;
mod regex;
mod tester;
mod text;

pub use filter::{Asked, solve as solve_filters, solve_near};
pub use tester::{Tester, Want};

use crate::OwnedInput;
use channel_contract::Field;
use channel_interpreter::Regexes;
use channel_parser::channel::Criterion;
use channel_parser::model::InputType;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The value of one field; `None` is absent.
pub type Value = Option<OwnedInput>;

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Such a value.
    Found(Value),
    /// There is no such value: all that could be were tried.
    Impossible,
    /// None was found, which proves nothing.
    NotFound,
}

impl Answer {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Found(value) => Some(value),
            _ => None,
        }
    }
}

/// The values with which a criterion is tried.
#[derive(Clone, Debug)]
pub struct Trial {
    /// One that it holds for.
    pub hit: Answer,
    /// Those at which it fails: for each clause one that meets the clauses before it, so that every pattern is reached.
    pub misses: Vec<Value>,
    /// Whether it is proven that it always holds.
    pub always: bool,
}

/// The values with which a criterion on an input is tried.
pub fn trial<R: Regexes>(tester: &Tester<R>, criterion: &Criterion<'_>, field: &Field) -> Trial {
    let hit = solve(tester, &Want::all(criterion), field);
    let count = criterion.clauses().len();
    let mut misses: Vec<Option<Value>> = vec![None; count];
    for near in hit.value().into_iter().flat_map(|hit| near(hit, field)) {
        if let Some(slot) = tester.first_failing(criterion, near.as_ref()).and_then(|at| misses.get_mut(at)) {
            slot.get_or_insert(near);
        }
    }
    let mut always = true;
    for (at, slot) in misses.iter_mut().enumerate() {
        if slot.is_none() {
            match solve(tester, &Want::until(criterion, at), field) {
                Answer::Found(value) => *slot = Some(value),
                Answer::Impossible => {}
                Answer::NotFound => always = false,
            }
        }
    }
    let misses: Vec<_> = misses.into_iter().flatten().collect();
    Trial { hit, always: always && misses.is_empty(), misses }
}

/// A value that meets what is wanted. A value that is there is preferred to an absent one.
pub fn solve<R: Regexes>(tester: &Tester<R>, want: &Want<'_>, field: &Field) -> Answer {
    let there = match field.input {
        InputType::Text => text::solve(tester, want, field.max_bytes),
        InputType::Integer | InputType::Address => numbers::solve(tester, want, field.input),
    };
    if let Answer::Found(_) = there {
        return there;
    }
    if field.nullable && tester.meets(want, None) { Answer::Found(None) } else { there }
}

/// The smallest value that a sensor may hand over.
pub fn smallest(field: &Field) -> Value {
    match field.input {
        _ if field.nullable => None,
        InputType::Text => Some(OwnedInput::Text(String::new())),
        InputType::Integer => Some(OwnedInput::Integer(0)),
        InputType::Address => Some(OwnedInput::Address(IpAddr::V4(Ipv4Addr::UNSPECIFIED))),
    }
}

/// Values at the edges of what a sensor may hand over, absence among them where it is allowed; the longest text is not.
pub fn edges(field: &Field) -> Vec<Value> {
    let there = match field.input {
        InputType::Text => vec![OwnedInput::Text(String::new())],
        InputType::Integer => [i64::MIN, -1, 0, i64::MAX].map(OwnedInput::Integer).to_vec(),
        InputType::Address => [
            IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V4(Ipv4Addr::BROADCAST),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            IpAddr::V6(Ipv6Addr::from_bits(u128::MAX)),
        ]
        .map(OwnedInput::Address)
        .to_vec(),
    };
    field.nullable.then_some(None).into_iter().chain(there.into_iter().map(Some)).collect()
}

/// The longest text that a sensor may hand over.
pub fn longest(field: &Field) -> Value {
    let bytes = usize::try_from(field.max_bytes).unwrap_or(usize::MAX).min(LONGEST);
    Some(OwnedInput::Text("x".repeat(bytes)))
}

/// No longer text is made, whatever a contract allows.
const LONGEST: usize = 1 << 20;

/// Values that differ a little from one that a criterion holds for.
fn near(hit: &Value, field: &Field) -> Vec<Value> {
    let there = match hit {
        None => return vec![Some(smallest(&Field { nullable: false, ..field.clone() })).flatten()],
        Some(OwnedInput::Text(text)) => text::near(text, field.max_bytes),
        Some(OwnedInput::Integer(n)) => {
            [n.checked_add(1), n.checked_sub(1)].into_iter().flatten().map(OwnedInput::Integer).collect()
        }
        Some(OwnedInput::Address(address)) => {
            numbers::beside(*address).into_iter().map(OwnedInput::Address).collect()
        }
    };
    there.into_iter().map(Some).collect()
}
