//! What goes in: source files, and what a sensor's template types offer. Not a contract: only what a compiler needs.

use channel_parser::model::{InputType, TypeId, TypeRevision};

/// One file that an author wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// What to call it in places and provenance. Files are taken in the order of their names.
    pub name: String,
    /// Its bytes, as they were read.
    pub bytes: Vec<u8>,
}

/// A template type as the sensor serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The id that the sensor knows it by.
    pub id: TypeId,
    /// The revision that the sensor has.
    pub revision: TypeRevision,
    /// The name that log sources are mapped to.
    pub name: String,
    /// The inputs that the call site *supplies*, in order: the only ones that a rule can look at.
    pub inputs: Vec<Input>,
    /// The names of the fields that the type defines after them and that no input stands behind. Content declares them,
    /// because the sensor counts them, and leaves them a wildcard.
    pub unsupplied: Vec<String>,
}

/// One input that a call site supplies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The name of the field.
    pub name: String,
    /// What the sensor hands over.
    pub input: InputType,
}
