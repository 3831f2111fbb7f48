//! What the numbers in a rule blob mean, on the sensor and to the compiler that writes them: a blob has positions in
//! tables and says by its version which tables.

use channel_contract::sysmon::{Sysmon, Target, Version, schemas};
use channel_contract::{Contract, TemplateType};
use channel_parser::model::{FieldIndex, InputType, TypeId};
use channel_parser::sysmon::draft::{Draft, Event, Filter, Item};

/// The fields that a sensor remembers as matched, a bit each.
pub const MASK: u32 = 64;

/// The tables of a Sysmon sensor, beside those of the compiler that writes its version.
#[derive(Clone, Copy)]
pub struct Tables<'c> {
    pub contract: &'c Contract,
    pub sysmon: &'c Sysmon,
    /// The schema whose positions the compiler writes.
    pub compiler: &'static Contract,
}

impl<'c> Tables<'c> {
    /// Those of a sensor; `None` where it is no Sysmon, or no known compiler writes its version.
    pub fn of(contract: &'c Contract) -> Option<Self> {
        let sysmon = contract.sysmon.as_ref()?;
        Some(Self { contract, sysmon, compiler: compiler(sysmon.binary, sysmon.schema)? })
    }

    /// The events that take rules and exist on the sensor's system.
    pub fn events(&self) -> impl Iterator<Item = &'c TemplateType> + use<'c> {
        let own = self.target();
        let here = move |event: &&TemplateType| event.event.is_some_and(|event| event.target.includes(own));
        self.contract.types.iter().filter(here)
    }

    /// The system of the sensor.
    pub fn target(&self) -> Target {
        let own = |target: &&Target| target.platform() == self.contract.sensor.platform;
        Target::ALL.iter().find(own).copied().unwrap_or_default()
    }

    /// The fields of an event that are supplied and remembered, and mean the same to the compiler.
    pub fn fields(&self, event: &'c TemplateType) -> impl Iterator<Item = (u32, InputType)> + use<'c> {
        let meant = self.compiler.template(event.id);
        let same = move |(at, field): &(u32, &channel_contract::Field)| {
            let meant = meant.and_then(|event| event.field(FieldIndex(*at)));
            meant.is_none_or(|meant| meant.name == field.name)
        };
        let there = event.supplied.min(MASK);
        (0..there).zip(&event.fields).filter(same).map(|(at, field)| (at, field.input))
    }

    /// The operators that mean the same on both sides, with their numbers.
    pub fn operators(&self) -> impl Iterator<Item = (u32, &'c str)> + use<'c> {
        let meant = operators(self.compiler);
        let same =
            move |(at, word): &(u32, &String)| meant.get(*at as usize).is_none_or(|meant| meant == *word);
        (0..).zip(&self.sysmon.filters).filter(same).map(|(at, word)| (at, word.as_str()))
    }

    /// The number of an operator.
    pub fn operator(&self, word: &str) -> Option<u32> {
        self.operators().find(|(_, name)| *name == word).map(|(number, _)| number)
    }

    /// The name of an operator.
    pub fn word(&self, number: u32) -> Option<&'c str> {
        self.operators().find(|(other, _)| *other == number).map(|(_, word)| word)
    }

    /// Writes the version and the schema into a header.
    pub fn stamp(&self, draft: &mut Draft) {
        stamp(draft, self.sysmon.binary, self.sysmon.schema);
    }

    /// The filters of a blob that mean another field, or another operator, when this schema's compiler wrote it.
    pub fn moved(&self, draft: &Draft, compiler: &Contract) -> (Vec<(usize, usize)>, bool) {
        let (mut fields, mut words) = (Vec::new(), false);
        for (at, event) in draft.events.iter().enumerate() {
            let (here, meant) =
                (self.contract.template(TypeId(event.id)), compiler.template(TypeId(event.id)));
            for (nth, filter) in event.filters().enumerate() {
                let name =
                    |event: Option<&TemplateType>| Some(event?.field(FieldIndex(filter.field))?.name.clone());
                if let (Some(here), Some(meant)) = (name(here), name(meant))
                    && here != meant
                {
                    fields.push((at, nth));
                }
                let number = filter.operator as usize;
                let meant = operators(compiler).get(number);
                words |= meant.is_some_and(|meant| self.sysmon.filters.get(number) != Some(meant));
            }
        }
        (fields, words)
    }
}

/// The schema whose positions a version of blobs has: the one that is named, where several have one version.
fn compiler(binary: Version, schema: Version) -> Option<&'static Contract> {
    let is = |one: &&Contract| one.sysmon.as_ref().is_some_and(|sysmon| sysmon.binary == binary);
    let named = |one: &&Contract| one.sysmon.as_ref().is_some_and(|sysmon| sysmon.schema == schema);
    schemas().filter(is).find(named).or_else(|| schemas().filter(is).last())
}

fn operators(contract: &Contract) -> &[String] {
    contract.sysmon.as_ref().map(|sysmon| sysmon.filters.as_slice()).unwrap_or_default()
}

/// Gives a blob a version and a schema, which only a long header has a place for; nor has a short one a place for the
/// first group.
pub fn stamp(draft: &mut Draft, binary: Version, schema: Version) {
    draft.version = binary.number();
    let short = draft.version <= 0x0001_0000;
    draft.schema = if short { 0 } else { schema.number() };
    if short {
        draft.unlisted =
            draft.events.iter().flat_map(|event| &event.items).any(|item| matches!(item, Item::Group(_)));
    }
}

/// The filters of an event that can be changed, those of its groups too.
pub fn filters_mut(event: &mut Event) -> impl Iterator<Item = &mut Filter> {
    event.items.iter_mut().flat_map(|item| match item {
        Item::Filter(filter) => std::slice::from_mut(filter),
        Item::Group(group) => group.filters.as_mut_slice(),
    })
}
