//! What a sensor hands to the interpreter: one input for every field that its call site supplies.

use channel_parser::model::{InputType, TypeId};
use core::net::IpAddr;

/// The value of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input<'a> {
    /// UTF-8 text.
    Text(&'a str),
    /// A signed integer.
    Integer(i64),
    /// An IPv4 or IPv6 address.
    Address(IpAddr),
}

impl Input<'_> {
    /// Its type.
    pub const fn input_type(&self) -> InputType {
        match self {
            Self::Text(_) => InputType::Text,
            Self::Integer(_) => InputType::Integer,
            Self::Address(_) => InputType::Address,
        }
    }
}

/// One event: its template type, and its inputs in the order of the fields. An absent input is `None`; an empty text is
/// not absent. There are as many as the sensor supplies, which may be fewer than its template type defines.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Its template type.
    pub template: TypeId,
    /// Its inputs.
    pub inputs: &'a [Option<Input<'a>>],
}
