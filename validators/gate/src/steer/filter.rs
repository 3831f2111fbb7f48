//! Inputs for the filters of rule blobs: what several filters on one field answer together.

use super::text::{self, Part};
use super::{Value, near, smallest};
use crate::OwnedInput;
use channel_contract::Field;
use channel_interpreter::sysmon::Operator;
use channel_parser::model::{self, InputType};
use channel_parser::sysmon::Wide;

/// What a filter must answer.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// How it compares.
    pub operator: Operator,
    /// With what.
    pub value: Wide<'a>,
    /// Whether it must hold.
    pub holds: bool,
}

/// Texts for which hardly a filter holds.
const QUIET: [&str; 6] = ["~", "", "x", "0", "\u{e9}", "\u{fffd}~"];

impl Asked<'_> {
    fn is_met(&self, input: &str) -> bool {
        self.operator.holds(input, self.value) == self.holds
    }

    /// What an input must be made of so that it is met: of each list one.
    fn parts(&self) -> Vec<Vec<(model::Operator, String)>> {
        use Operator::*;
        use model::Operator::{Contains as Inside, Exact, Prefix, Suffix};
        let value = || self.value.to_string();
        let values = |operator| self.value.values().map(move |one| (operator, one.to_string()));
        match (self.operator, self.holds) {
            (Is | Image, true) | (IsNot, false) => vec![vec![(Exact, value())]],
            (IsAny, true) => vec![values(Exact).collect()],
            (Contains, true) | (Excludes, false) => vec![vec![(Inside, value())]],
            (ContainsAny, true) | (ExcludesAny, false) => vec![values(Inside).collect()],
            (ContainsAll, true) | (ExcludesAll, false) => values(Inside).map(|one| vec![one]).collect(),
            (BeginWith, true) | (NotBeginWith, false) => vec![vec![(Prefix, value())]],
            (EndWith, true) | (NotEndWith, false) => vec![vec![(Suffix, value())]],
            (MoreThan, true) => vec![vec![(Exact, format!("{}~", self.value)), (Exact, "~~".into())]],
            (LessThan, true) => vec![vec![(Exact, String::new()), (Exact, "!".into()), (Exact, "-1".into())]],
            _ => Vec::new(),
        }
    }
}

/// An input of which every filter answers what it is asked to; `None` if none was found.
pub fn solve(asked: &[Asked<'_>], field: &Field) -> Option<OwnedInput> {
    let meets = |text: String| {
        let value = fit(text, field)?;
        let text = shown(&value);
        asked.iter().all(|one| one.is_met(&text)).then_some(value)
    };
    let values: Vec<_> = asked.iter().flat_map(Asked::parts).collect();
    let lists: Vec<Vec<Part<'_>>> = values.iter().map(|list| parts(list)).collect();
    if !lists.is_empty() {
        let most = lists.iter().map(Vec::len).max().unwrap_or(1).clamp(1, 16);
        for at in 0..most {
            for (variation, (between, any)) in text::FILLERS.iter().enumerate() {
                let choice: Vec<_> =
                    lists.iter().filter_map(|list| list.get(at.checked_rem(list.len())?)).collect();
                let found = text::join(&choice, variation, between, *any).and_then(meets);
                if found.is_some() {
                    return found;
                }
            }
        }
    }
    QUIET.iter().find_map(|text| meets((*text).to_owned()))
}

fn parts(list: &[(model::Operator, String)]) -> Vec<Part<'_>> {
    list.iter().map(|(operator, operand)| Part::new(*operator, operand, true)).collect()
}

/// An input near to one, of which every filter answers what it is asked to.
pub fn solve_near(hit: &OwnedInput, asked: &[Asked<'_>], field: &Field) -> Option<OwnedInput> {
    let meets = |value: &OwnedInput| asked.iter().all(|one| one.is_met(&shown(value)));
    let near: Vec<Value> = near(&Some(hit.clone()), field);
    near.into_iter().flatten().find(meets).or_else(|| solve(asked, field))
}

/// A text as an input of the field's type.
fn fit(text: String, field: &Field) -> Option<OwnedInput> {
    match field.input {
        InputType::Text => {
            (text.len() as u64 <= u64::from(field.max_bytes)).then_some(OwnedInput::Text(text))
        }
        InputType::Integer => match text.parse() {
            Ok(n) => Some(OwnedInput::Integer(n)),
            Err(_) => smallest(&Field { nullable: false, ..field.clone() }),
        },
        InputType::Address => match text.parse() {
            Ok(address) => Some(OwnedInput::Address(address)),
            Err(_) => smallest(&Field { nullable: false, ..field.clone() }),
        },
    }
}

/// An input as the sensor compares it.
fn shown(value: &OwnedInput) -> String {
    match value {
        OwnedInput::Text(text) => text.clone(),
        OwnedInput::Integer(n) => n.to_string(),
        OwnedInput::Address(address) => address.to_string(),
    }
}
