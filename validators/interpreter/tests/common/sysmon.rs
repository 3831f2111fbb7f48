//! A second reading of what Sysmon does with its rules: naive, over owned values, texts as arrays that a zero ends.
#![allow(dead_code, reason = "each test uses a part")]

use channel_contract::Contract;
use channel_contract::sysmon::Action;
use channel_interpreter::sysmon::Answer;
use channel_parser::sysmon::draft::{self, Draft, Filter, Item};
use std::net::IpAddr;

/// An input that owns its text.
#[derive(Clone, Debug)]
pub enum Owned {
    Text(String),
    Integer(i64),
    Address(IpAddr),
}

impl Owned {
    /// As the sensor compares it, up to the zero that ends it.
    pub fn units(&self) -> Vec<u16> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::Integer(n) => n.to_string(),
            Self::Address(IpAddr::V4(address)) => address.to_string(),
            Self::Address(IpAddr::V6(address)) => {
                address.segments().map(|part| format!("{part:x}")).join(":")
            }
        };
        text.encode_utf16().take_while(|unit| *unit != 0).collect()
    }
}

/// What became of an event.
#[derive(Debug, Default)]
pub struct Decision {
    pub logged: bool,
    pub name: Option<Vec<u16>>,
    pub by: Option<(u32, u32)>,
    /// Filters that were reached, by event and position in it.
    pub filters: Vec<(u32, u32, Answer)>,
    /// Rules that were reached.
    pub rules: Vec<(u32, Answer)>,
}

pub fn lower(unit: u16) -> u16 {
    let Some(c) = char::from_u32(unit.into()) else { return unit };
    let lower: Vec<u16> = c.to_lowercase().collect::<String>().encode_utf16().collect();
    if let [one] = lower[..] { one } else { unit }
}

/// A text as the sensor has it in memory: lower case, and a zero at its end.
fn memory(text: &[u16]) -> Vec<u16> {
    text.iter().map(|unit| lower(*unit)).chain([0]).collect()
}

/// Looks for the text at `sub`, up to its end or to `most` units of it (0: no such bound), in a text; both end with a zero.
fn find(text: &[u16], sub: &[u16], most: usize) -> bool {
    for start in 0..text.len() - 1 {
        let mut at = 0;
        loop {
            if sub[at] == 0 || (most != 0 && at == most) {
                return true;
            }
            if text[start + at] == 0 || text[start + at] != sub[at] {
                break;
            }
            at += 1;
        }
    }
    false
}

/// The values of a list: where each starts, and how long it is.
fn items(value: &[u16]) -> Vec<(usize, usize)> {
    let mut all = vec![(0, 0)];
    for (at, unit) in value.iter().enumerate() {
        match *unit {
            0 => break,
            unit if unit == u16::from(b';') => all.push((at + 1, 0)),
            _ => all.last_mut().unwrap().1 += 1,
        }
    }
    all
}

/// Whether a filter holds; `None` for an operator that nobody knows.
pub fn holds(operator: &str, input: &[u16], value: &[u16]) -> Option<bool> {
    let (text, value) = (memory(input), memory(value));
    let slash = u16::from(b'\\');
    let (bare, own) = (&text[..text.len() - 1], &value[..value.len() - 1]);
    let in_list = |(start, length): (usize, usize)| find(&text, &value[start..], length);
    Some(match operator {
        "is" => text == value,
        "is not" => text != value,
        "contains" => find(&text, &value, 0),
        "excludes" => !find(&text, &value, 0),
        "contains any" => items(&value).into_iter().any(in_list),
        "excludes any" => !items(&value).into_iter().any(in_list),
        "contains all" => items(&value).into_iter().all(in_list),
        "excludes all" => items(&value).into_iter().any(|item| !in_list(item)),
        "is any" => items(&value).iter().any(|(start, length)| bare == &value[*start..start + length]),
        "begin with" => bare.starts_with(own),
        "not begin with" => !bare.starts_with(own),
        "end with" => bare.ends_with(own),
        "not end with" => !bare.ends_with(own),
        "less than" => text < value,
        "more than" => text > value,
        "image" if value.contains(&slash) => text == value,
        "image" => bare.rsplit(|unit| *unit == slash).next().unwrap() == own,
        _ => return None,
    })
}

/// What is decided about an event; `Err` where the sensor reads past its tables.
pub fn decide(draft: &Draft, contract: &Contract, id: u32, inputs: &[Option<Owned>]) -> Result<Decision, ()> {
    let template = |id: u32| contract.types.iter().find(|one| one.id.0 == id);
    let own = template(id).unwrap();
    let mut decision = Decision { logged: true, ..Default::default() };
    let Some(takes) = own.event else { return Ok(decision) };
    let named_alike = |rules: &&(u32, &draft::Event)| {
        template(rules.1.id).is_some_and(|other| {
            other.event.is_some() && other.name.to_lowercase() == own.name.to_lowercase()
        })
    };
    let mut list: Vec<_> = (0..).zip(&draft.events).filter(|rules| named_alike(&rules)).collect();
    list.reverse();
    list.sort_by_key(|(_, rules)| rules.default);
    decision.logged = match &list[..] {
        [] => takes.default == Action::Include,
        [(_, only)] => only.default == 0,
        _ => false,
    };
    let mut name = None;
    for (at, rules) in list {
        let mut run = Run {
            contract,
            id,
            rules,
            inputs,
            at,
            version: draft.version,
            name: &mut name,
            last: None,
            decision: &mut decision,
        };
        let answer = run.rules()?;
        let last = run.last;
        decision.rules.push((at, answer));
        if answer == Answer::Match {
            decision.logged = rules.default == 1;
            decision.by = last.map(|filter| (at, filter));
            decision.name = name;
            return Ok(decision);
        }
    }
    Ok(decision)
}

/// The evaluation of the rules for one event id.
struct Run<'r> {
    contract: &'r Contract,
    id: u32,
    rules: &'r draft::Event,
    inputs: &'r [Option<Owned>],
    at: u32,
    version: u32,
    name: &'r mut Option<Vec<u16>>,
    last: Option<u32>,
    decision: &'r mut Decision,
}

impl Run<'_> {
    fn rules(&mut self) -> Result<Answer, ()> {
        let items = &self.rules.items;
        let (and, mut position, mut matched) = (self.rules.combine == 1, 0, Vec::new());
        if self.rules.filters().next().is_none() {
            return Ok(Answer::NoMatch);
        }
        for (n, item) in items.iter().enumerate() {
            let answer = match item {
                Item::Group(group) if group.filters.is_empty() => continue,
                Item::Group(group) => {
                    let start = position;
                    position += group.filters.len() as u32;
                    self.group(&group.filters, group.combine == 1, &group.name, start)?
                }
                Item::Filter(filter) => {
                    position += 1;
                    if matched.contains(&filter.field) {
                        continue;
                    }
                    let answer = self.filter(filter, position - 1, &[])?;
                    if answer == Answer::Match {
                        matched.push(filter.field);
                    }
                    let later = items[n + 1..]
                        .iter()
                        .any(|item| matches!(item, Item::Filter(one) if one.field == filter.field));
                    if and && answer == Answer::NoMatch && later {
                        continue;
                    }
                    answer
                }
            };
            match answer {
                Answer::Failed => return Ok(answer),
                Answer::Match if !and => return Ok(answer),
                Answer::NoMatch if and => return Ok(answer),
                _ => {}
            }
        }
        Ok(if and { Answer::Match } else { Answer::NoMatch })
    }

    fn group(&mut self, filters: &[Filter], and: bool, name: &[u16], start: u32) -> Result<Answer, ()> {
        for (filter, position) in filters.iter().zip(start..) {
            let answer = self.filter(filter, position, name)?;
            if answer == Answer::Failed || (answer == Answer::Match) != and {
                return Ok(answer);
            }
        }
        Ok(if and { Answer::Match } else { Answer::NoMatch })
    }

    fn filter(&mut self, filter: &Filter, position: u32, group: &[u16]) -> Result<Answer, ()> {
        let answer = self.answer(filter)?;
        self.decision.filters.push((self.at, position, answer));
        if answer == Answer::Match {
            self.last = Some(position);
            if self.version <= 0xe_0001 && !group.is_empty() {
                *self.name = Some(group.to_vec());
            } else if !filter.name.is_empty() {
                *self.name = Some(filter.name.clone());
            }
        }
        Ok(answer)
    }

    fn answer(&self, filter: &Filter) -> Result<Answer, ()> {
        let fields = |id: u32| &self.contract.types.iter().find(|one| one.id.0 == id).unwrap().fields;
        let index = filter.field as usize;
        let Some(field) = fields(self.id).get(index) else { return Ok(Answer::NoMatch) };
        if self.rules.id != self.id {
            let other = fields(self.rules.id).get(index).ok_or(())?;
            if other.name != field.name {
                return Ok(Answer::NoMatch);
            }
        }
        let Some(input) = &self.inputs[index] else { return Ok(Answer::Failed) };
        if filter.environment || filter.value.contains(&u16::from(b'%')) {
            return Ok(Answer::Failed);
        }
        let operators = &self.contract.sysmon.as_ref().unwrap().filters;
        let operator = operators.get(filter.operator as usize).map_or("", String::as_str);
        Ok(match holds(operator, &input.units(), &filter.value) {
            Some(true) => Answer::Match,
            Some(false) => Answer::NoMatch,
            None => Answer::Failed,
        })
    }
}
