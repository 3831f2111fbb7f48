//! The contract as everybody works with it: owned, its fields public. It can hold a sensor that contradicts itself
//! (fewer inputs supplied than defined), for that is what it is there to show.

use crate::{OperatorSet, Widths, sysmon};
use alloc::{format, string::String, vec::Vec};
use channel_parser::model::{Channel, FieldIndex, InputType, TypeId, TypeRevision};

/// What one sensor build supplies and tolerates.
///
/// ```
/// use channel_contract::{Contract, TemplateType};
/// use channel_parser::model::{FieldIndex, TypeId};
///
/// let ipc = TemplateType { id: TypeId(7), name: "ipc".into(), supplied: 20, ..Default::default() };
/// let mut contract = Contract { types: vec![ipc], ..Default::default() };
/// contract.sensor.name = "example-sensor".into();
/// contract.sensor.version = "7.11".into();
/// contract.sensor.platform = "windows".into();
///
/// assert_eq!(contract.label(), "example-sensor 7.11 windows");
/// let ipc = contract.template(TypeId(7)).unwrap();
/// assert!(ipc.is_supplied(FieldIndex(19)) && !ipc.is_supplied(FieldIndex(20)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Which build it is.
    pub sensor: Sensor,
    /// The version of its content interpreter.
    pub interpreter: u32,
    /// The operators that the interpreter implements.
    pub operators: OperatorSet,
    /// What the sensor tolerates.
    pub limits: Limits,
    /// Its template types, ascending by id, no id twice.
    pub types: Vec<TemplateType>,
    /// Whether every record that it was read from had a checksum. Some C compilers cannot compute one.
    pub sealed: bool,
    /// What it has besides if it is Sysmon, whose content is no channel file but a rule blob.
    pub sysmon: Option<sysmon::Sysmon>,
}

/// Which sensor build a contract speaks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sensor {
    /// The product.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it runs on.
    pub platform: String,
    /// What tells this build from every other one.
    pub build_id: String,
}

/// What a sensor can match on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateType {
    /// The id that content names it by.
    pub id: TypeId,
    /// Its revision.
    pub revision: TypeRevision,
    /// The channel whose files carry its instances.
    pub channel: Channel,
    /// What people call it.
    pub name: String,
    /// The largest number of its instances that the sensor loads.
    pub instance_cap: u32,
    /// The fields that it defines, in order.
    pub fields: Vec<Field>,
    /// How many inputs the call site really passes. Not how many fields there are: the two have differed.
    pub supplied: u32,
    /// What configurations can say about it, if it is an event of Sysmon that they can name.
    pub event: Option<sysmon::Event>,
}

/// One input field of a template type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it means. Content written for a field of another name reads something else.
    pub name: String,
    /// The type of its input.
    pub input: InputType,
    /// Whether the input may be absent.
    pub nullable: bool,
    /// The longest text that it can be, in bytes; 0 for every other type of input.
    pub max_bytes: u32,
}

/// What a sensor tolerates: every bound is stated, 0 means none at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of a channel file.
    pub file_bytes: u64,
    /// Detections in a file.
    pub detections: u32,
    /// Instances in a file.
    pub instances: u32,
    /// Clauses in a criterion.
    pub clauses_per_criterion: u32,
    /// Patterns in a clause.
    pub patterns_per_clause: u32,
    /// The bytes of a text operand.
    pub operand_bytes: u32,
    /// The memory of the automata of all patterns.
    pub automaton_bytes: u64,
    /// The work that one event may cost.
    pub work_per_event: u64,
    /// The bits that each number is stored in.
    pub widths: Widths,
}

impl Default for Contract {
    /// A sealed contract of a sensor that supplies and tolerates nothing.
    fn default() -> Self {
        Self {
            sensor: Sensor::default(),
            interpreter: 0,
            operators: OperatorSet::EMPTY,
            limits: Limits::default(),
            types: Vec::new(),
            sealed: true,
            sysmon: None,
        }
    }
}

impl Contract {
    /// The template type with this id.
    pub fn template(&self, id: TypeId) -> Option<&TemplateType> {
        self.types.iter().find(|template| template.id == id)
    }

    /// One line that tells people which sensor it is: `example-sensor 7.11 windows`.
    pub fn label(&self) -> String {
        let Sensor { name, version, platform, .. } = &self.sensor;
        format!("{name} {version} {platform}")
    }
}

impl TemplateType {
    /// How many fields it defines.
    pub fn defined(&self) -> u32 {
        u32::try_from(self.fields.len()).unwrap_or(u32::MAX)
    }

    /// Whether the call site passes an input for this field.
    pub fn is_supplied(&self, field: FieldIndex) -> bool {
        field.0 < self.supplied
    }

    /// The field at this place, if it is defined.
    pub fn field(&self, field: FieldIndex) -> Option<&Field> {
        self.fields.get(usize::try_from(field.0).ok()?)
    }
}
