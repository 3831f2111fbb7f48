//! One file beside one sensor: which template types and which fields the two agree on. The rules of the contract
//! family start from here, so that each sees only what the rules before it left standing and none reports the
//! consequence of another's finding.

use crate::regexes::{self, Regexes};
use crate::{Member, Subject};
use channel_contract::{Contract, Field, TemplateType};
use channel_parser::Path;
use channel_parser::channel::{self, ChannelFile, Criterion, Instance, Pattern};
use channel_parser::model::view::Effect;
use channel_parser::model::{FieldIndex, TypeId};
use std::fmt;

/// A file that can be read, and what is worked out about it once for all rules and sensors.
pub struct ChannelContent<'a> {
    /// The file as it was read.
    pub subject: &'a Subject<'a>,
    /// Its content.
    pub file: &'a ChannelFile<'a>,
    /// Its distinct regexes.
    pub(crate) regexes: Regexes<'a>,
    instances: Vec<u64>,
    patterns: Vec<u64>,
}

impl<'a> ChannelContent<'a> {
    /// Works it out.
    pub fn new(subject: &'a Subject<'a>, file: &'a ChannelFile<'a>) -> Self {
        let (mut instances, mut patterns) = (vec![0; file.types().len()], vec![0; file.types().len()]);
        for instance in file.instances() {
            let Some(template) = instance.template() else { continue };
            let index = template.index().0 as usize;
            let (Some(instances), Some(patterns)) = (instances.get_mut(index), patterns.get_mut(index))
            else {
                continue;
            };
            let clauses = instance.criteria().flat_map(|criterion| criterion.clauses());
            *instances += 1;
            let counts = !channel_parser::planted!("excludes-cost-nothing")
                || instance.effect() != Some(Effect::Exclude);
            *patterns += clauses.filter(|_| counts).map(|clause| clause.patterns().len() as u64).sum::<u64>();
        }
        Self { subject, file, regexes: regexes::build(file), instances, patterns }
    }

    /// The patterns of all instances, each with its criterion and its place.
    pub fn patterns(&self) -> impl Iterator<Item = (Criterion<'a>, Path, Pattern<'a>)> {
        let criteria = self.file.instances().flat_map(|instance| instance.criteria());
        criteria.flat_map(|criterion| patterns_of(criterion).map(move |(path, one)| (criterion, path, one)))
    }

    /// The bytes of the automata of all patterns that are a regex; those that cannot be built count for nothing.
    pub fn automaton_bytes(&self) -> u64 {
        self.regexes.automaton_bytes
    }

    /// How many instances each template type of the file has.
    pub fn instances_by_type(&self) -> impl Iterator<Item = u64> {
        self.instances.iter().copied()
    }

    /// How many patterns the instances of each template type of the file have.
    pub fn patterns_by_type(&self) -> impl Iterator<Item = u64> {
        self.patterns.iter().copied()
    }
}

/// The patterns of a criterion, each with its place.
pub(crate) fn patterns_of<'a>(criterion: Criterion<'a>) -> impl Iterator<Item = (Path, Pattern<'a>)> {
    let looked_at = if channel_parser::planted!("first-clause") { 1 } else { usize::MAX };
    (0u32..).zip(criterion.clauses().take(looked_at)).flat_map(move |(at, clause)| {
        let clause_path = criterion.path().then_at("clauses", at);
        (0u32..)
            .zip(clause.patterns())
            .map(move |(at, pattern)| (clause_path.then_at("patterns", at), pattern))
    })
}

/// One file beside one sensor.
pub struct Pairing<'a> {
    /// The file.
    pub content: &'a ChannelContent<'a>,
    /// Its content, in place.
    pub file: &'a ChannelFile<'a>,
    /// The sensor.
    pub member: &'a Member,
    types: Vec<Known<'a>>,
}

/// A template type of the file, and what the sensor knows about it.
pub struct Known<'a> {
    /// As the content has it.
    pub content: channel::TemplateType<'a>,
    /// As the sensor has it, by id.
    pub sensor: Option<&'a TemplateType>,
    same_names: Vec<bool>,
}

impl<'a> Known<'a> {
    /// The sensor's type, if both mean the same revision and the same number of fields.
    pub fn agreed(&self) -> Option<&'a TemplateType> {
        let sensor = self.revised()?;
        (sensor.defined() == self.content.field_count()).then_some(sensor)
    }

    /// The sensor's type, if both mean the same revision.
    pub fn revised(&self) -> Option<&'a TemplateType> {
        self.sensor.filter(|sensor| sensor.revision == self.content.revision())
    }

    /// Whether a field has the same name on both sides.
    pub fn same_name(&self, field: FieldIndex) -> bool {
        self.same_names.get(field.0 as usize).copied().unwrap_or(false)
    }
}

impl<'a> Pairing<'a> {
    /// Puts a file beside a sensor.
    pub fn new(content: &'a ChannelContent<'a>, member: &'a Member) -> Self {
        let file = content.file;
        let contract = &member.contract;
        let known = |declared: channel::TemplateType<'a>| {
            let sensor = contract.template(declared.id());
            let names = sensor.into_iter().flat_map(|template| &template.fields);
            let same_names = declared.fields().zip(names).map(|(a, b)| a == Some(b.name.as_str())).collect();
            Known { content: declared, sensor, same_names }
        };
        Self { content, file, member, types: file.types().map(known).collect() }
    }

    /// The sensor's contract.
    pub fn contract(&self) -> &'a Contract {
        &self.member.contract
    }

    /// The template types of the file.
    pub fn types(&self) -> &[Known<'a>] {
        &self.types
    }

    /// What is known about the type of an instance.
    pub fn type_of(&self, instance: &Instance<'a>) -> Option<&Known<'a>> {
        self.types.get(instance.template()?.index().0 as usize)
    }

    /// Instances whose type both sides agree on and that have a criterion for each of its fields.
    pub fn instances(&self) -> impl Iterator<Item = (Instance<'a>, &Known<'a>, &'a TemplateType)> {
        self.file.instances().filter_map(|instance| {
            let known = self.type_of(&instance)?;
            let sensor = known.agreed()?;
            (instance.field_count() == sensor.defined()).then_some((instance, known, sensor))
        })
    }

    /// The criteria of these instances that look at their input.
    pub fn criteria(&self) -> impl Iterator<Item = (Criterion<'a>, &Known<'a>, &'a TemplateType)> {
        self.instances().flat_map(|(instance, known, sensor)| {
            instance.criteria().filter(|criterion| !criterion.is_wildcard()).map(move |c| (c, known, sensor))
        })
    }

    /// Of these, the patterns on an input that the sensor supplies and that means what the content thinks.
    pub fn understood(&self) -> impl Iterator<Item = Understood<'a>> {
        let criteria = self.criteria().filter_map(|(criterion, known, sensor)| {
            let field = criterion.field();
            let understood = sensor.is_supplied(field) && known.same_name(field);
            let input = understood.then(|| sensor.field(field)).flatten();
            input.map(|input| (criterion, input, Key { template: sensor.id, field }))
        });
        criteria.flat_map(|(criterion, input, key)| {
            let field = criterion.field();
            patterns_of(criterion).map(move |(path, pattern)| Understood { key, field, input, path, pattern })
        })
    }
}

/// The place of a field in a contract: `types[7].fields[2]`, with the type's id.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    template: TypeId,
    field: FieldIndex,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "types[{}].fields[{}]", self.template, self.field)
    }
}

/// A pattern, and the input that it is compared with.
pub struct Understood<'a> {
    /// The place of the input in the contract.
    pub key: Key,
    /// The field of its criterion.
    pub field: FieldIndex,
    /// What the sensor supplies for it.
    pub input: &'a Field,
    /// Its place.
    pub path: Path,
    /// It.
    pub pattern: Pattern<'a>,
}
