//! Makes what shows a problem smaller: fewer events, absent or empty inputs, shorter texts.

use crate::{OwnedInput, Record};
use channel_contract::Contract;
use std::net::Ipv4Addr;

/// The smallest events found that still show it, in no more tries than this.
pub(super) fn shrink(
    events: Vec<Record>,
    contract: &Contract,
    tries: u32,
    shows: &mut dyn FnMut(&[Record]) -> bool,
) -> Vec<Record> {
    let mut search = Search { events, tries, shows };
    search.fewer();
    // What can go altogether goes first: shortening a text takes many tries.
    for step in [Search::blank, Search::simpler] {
        for at in 0..search.events.len() {
            let template = search.events.get(at).and_then(|event| contract.template(event.template));
            for input in 0..template.map_or(0, |template| template.fields.len()) {
                let nullable = template
                    .and_then(|template| template.fields.get(input))
                    .is_some_and(|field| field.nullable);
                step(&mut search, (at, input), nullable);
            }
        }
    }
    search.events
}

/// An event, and one of its inputs.
type At = (usize, usize);

struct Search<'s> {
    events: Vec<Record>,
    tries: u32,
    shows: &'s mut dyn FnMut(&[Record]) -> bool,
}

impl Search<'_> {
    /// Takes the candidate if it shows the same.
    fn take(&mut self, candidate: Vec<Record>) -> bool {
        let Some(left) = self.tries.checked_sub(1) else { return false };
        self.tries = left;
        let taken = (self.shows)(&candidate);
        if taken {
            self.events = candidate;
        }
        taken
    }

    /// Leaves out events before the last, many at once as long as that goes.
    fn fewer(&mut self) {
        let mut step = self.events.len().saturating_sub(1);
        while step > 0 {
            let mut at = 0_usize;
            while let Some(end) = at.checked_add(step).filter(|end| *end < self.events.len()) {
                let mut candidate = self.events.clone();
                candidate.drain(at..end);
                if !self.take(candidate) {
                    at = end;
                }
            }
            step /= 2;
        }
    }

    fn value(&self, (at, input): At) -> Option<OwnedInput> {
        self.events.get(at)?.inputs.get(input).cloned().flatten()
    }

    /// Nothing there, or the least that can be.
    fn blank(&mut self, at: At, nullable: bool) {
        let Some(value) = self.value(at) else { return };
        if nullable && self.replace(at, None) {
            return;
        }
        let blank = match value {
            OwnedInput::Text(_) => OwnedInput::Text(String::new()),
            OwnedInput::Integer(_) => OwnedInput::Integer(0),
            OwnedInput::Address(_) => OwnedInput::Address(Ipv4Addr::UNSPECIFIED.into()),
        };
        if blank != value {
            self.replace(at, Some(blank));
        }
    }

    fn simpler(&mut self, at: At, _nullable: bool) {
        match self.value(at) {
            Some(OwnedInput::Text(text)) => self.shorter(at, &text),
            Some(OwnedInput::Integer(n)) => {
                let smaller = |simple: &i64| *simple != 0 && simple.unsigned_abs() < n.unsigned_abs();
                for simple in [1, n >> 32, n >> 16].into_iter().filter(smaller) {
                    if self.replace(at, Some(OwnedInput::Integer(simple))) {
                        break;
                    }
                }
            }
            Some(OwnedInput::Address(_)) | None => {}
        }
    }

    /// Leaves out characters, many at once as long as that goes.
    fn shorter(&mut self, at: At, text: &str) {
        let mut text: Vec<char> = text.chars().collect();
        // That nothing is left of it was tried.
        let mut step = text.len() / 2;
        if text.len() == 1 {
            return;
        }
        while step > 0 {
            let mut from = 0_usize;
            while from < text.len() {
                let mut candidate = text.clone();
                let end = from.saturating_add(step).min(text.len());
                candidate.drain(from..end);
                let shorter = OwnedInput::Text(candidate.iter().collect());
                if self.replace(at, Some(shorter)) {
                    text = candidate;
                } else {
                    from = end;
                }
            }
            step /= 2;
        }
    }

    fn replace(&mut self, (at, input): At, value: Option<OwnedInput>) -> bool {
        let mut candidate = self.events.clone();
        let Some(place) = candidate.get_mut(at).and_then(|event| event.inputs.get_mut(input)) else {
            return false;
        };
        *place = value;
        self.take(candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use channel_contract::{Field, TemplateType};
    use channel_parser::model::{InputType, TypeId};
    use proptest::prelude::*;

    fn contract() -> Contract {
        let field = |input, nullable| Field { name: "f".into(), input, nullable, max_bytes: 99 };
        let fields = vec![
            field(InputType::Text, true),
            field(InputType::Text, false),
            field(InputType::Integer, false),
            field(InputType::Address, false),
        ];
        let template = TemplateType { id: TypeId(1), supplied: 4, fields, ..Default::default() };
        Contract { types: vec![template], ..Default::default() }
    }

    fn event(texts: [String; 2], n: i64) -> Record {
        let [a, b] = texts;
        let address = OwnedInput::Address("10.1.2.3".parse().unwrap());
        let inputs = vec![OwnedInput::Text(a), OwnedInput::Text(b), OwnedInput::Integer(n), address];
        Record { template: TypeId(1), inputs: inputs.into_iter().map(Some).collect() }
    }

    proptest! {
        #[test]
        fn what_is_left_shows_the_same_and_little_else(before in 0..40_usize, a in "[a-z]{0,30}", b in "[a-z]{0,20}") {
            let last = event([a, format!("{b}!x{b}")], 1 << 40);
            let mut events = vec![event(["x".into(), "y".into()], 2); before];
            events.push(event(["first".into(), String::new()], 7));
            events.extend(vec![event(["z".into(), "y".into()], 2); before]);
            events.push(last);
            // Shown by an event with a 7, and at last one with a `!`.
            let holds = |events: &[Record]| {
                let seven = events.iter().any(|event| event.inputs[2] == Some(OwnedInput::Integer(7)));
                let last = events.last().and_then(|event| event.inputs[1].clone());
                seven && matches!(last, Some(OwnedInput::Text(text)) if text.contains('!'))
            };
            prop_assert!(holds(&events));
            let found = shrink(events, &contract(), 2000, &mut |events| holds(events));
            prop_assert!(holds(&found));
            prop_assert_eq!(found.len(), 2);
            prop_assert_eq!(found[1].to_json(), r#"{"type":1,"inputs":[null,"!",0,"0.0.0.0"]}"#);
        }
    }

    #[test]
    fn no_more_tries_than_allowed() {
        let mut tries = 0;
        let events = vec![event(["abc".into(), "def".into()], 9); 50];
        shrink(events, &contract(), 17, &mut |_| {
            tries += 1;
            false
        });
        assert_eq!(tries, 17);
    }
}
