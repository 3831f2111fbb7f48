//! Puts a sensor's contract into its binary, for sensors written in Rust. `include/contentgate.h` is the same for C.
//!
//! ```
//! use channel_embed::*;
//!
//! sensor!(Sensor {
//!     name: "example-sensor",
//!     version: "7.15",
//!     platform: "linux",
//!     build_id: "5f0c",
//!     interpreter: 3,
//!     types: 1,
//!     operators: EXACT | PREFIX | EQUAL,
//!     limits: Limits {
//!         file_bytes: 4 << 20,
//!         detections: 4096,
//!         instances: 16384,
//!         clauses_per_criterion: 8,
//!         patterns_per_clause: 1024,
//!         operand_bytes: 4096,
//!         automaton_bytes: 16 << 20,
//!         work_per_event: 1_000_000,
//!     },
//!     widths: Widths {
//!         channel: 32,
//!         part: 32,
//!         content_revision: 31,
//!         type_id: 16,
//!         type_revision: 16,
//!         fields_per_instance: 8,
//!         instances: 32,
//!         detections: 32,
//!         patterns: 32,
//!         match_count: 16,
//!         integer_operand: 63,
//!     },
//! });
//!
//! const IPC: TemplateType<2> = TemplateType {
//!     name: "ipc",
//!     id: 7,
//!     revision: 1,
//!     channel: 291,
//!     instance_cap: 512,
//!     fields: [Field::text("PipeName", 512), Field::integer("ProcessId").nullable()],
//! };
//!
//! fn on_pipe_event<'a>(name: &'a str, process: &'a str) -> [&'a str; 2] {
//!     inputs!(IPC, [name, process])
//! }
//!
//! # fn main() {
//! contentgate_keep();
//! assert_eq!(on_pipe_event("lsass", "672"), ["lsass", "672"]);
//! # }
//! ```
//!
//! A call site that passes one input too few does not compile, and neither does one too many:
//!
//! ```compile_fail,E0308
//! # use channel_embed::*;
//! # const IPC: TemplateType<2> = TemplateType { name: "ipc", id: 7, revision: 1, channel: 291, instance_cap: 512,
//! #     fields: [Field::text("PipeName", 512), Field::integer("ProcessId").nullable()] };
//! let inputs = inputs!(IPC, ["lsass"]);
//! ```
//!
//! ```compile_fail,E0308
//! # use channel_embed::*;
//! # const IPC: TemplateType<2> = TemplateType { name: "ipc", id: 7, revision: 1, channel: 291, instance_cap: 512,
//! #     fields: [Field::text("PipeName", 512), Field::integer("ProcessId").nullable()] };
//! let inputs = inputs!(IPC, ["lsass", "672", "1"]);
//! ```
//!
//! The macros put a static into a section with `link_section`, which Rust counts as unsafe: neither this crate nor the
//! module that uses the macros can forbid unsafe code. There is no other unsafe code here.
//!
//! What it leaves to others: reading the contract (`channel-contract`).
#![no_std]
#![deny(missing_docs)]

mod record;

pub use record::{SENSOR_LENGTH, sensor_record, type_length, type_record};

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident = $n:literal;)*) => {
        $($(#[$doc])* pub const $name: u64 = 1 << $n;)*
    };
}

operators! {
    /// The operator `exact`.
    EXACT = 0;
    /// The operator `prefix`.
    PREFIX = 1;
    /// The operator `suffix`.
    SUFFIX = 2;
    /// The operator `contains`.
    CONTAINS = 3;
    /// The operator `glob`.
    GLOB = 4;
    /// The operator `regex`.
    REGEX = 5;
    /// The operator `equal`.
    EQUAL = 6;
    /// The operator `range`.
    RANGE = 7;
    /// The operator `mask`.
    MASK = 8;
    /// The operator `network`.
    NETWORK = 9;
    /// The operator `present`.
    PRESENT = 10;
    /// The operator `absent`.
    ABSENT = 11;
}

/// The sensor build, what its interpreter implements and tolerates.
#[derive(Clone, Copy, Debug)]
pub struct Sensor {
    /// The product.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What it runs on.
    pub platform: &'static str,
    /// What tells this build from every other one.
    pub build_id: &'static str,
    /// The version of the content interpreter.
    pub interpreter: u32,
    /// How many template types the binary has, so that one which a linker drops is missed.
    pub types: u32,
    /// The operators that the interpreter implements, joined with `|`.
    pub operators: u64,
    /// What it tolerates.
    pub limits: Limits,
    /// The bits of every number that it stores.
    pub widths: Widths,
}

/// What a sensor tolerates. Every bound is stated; 0 means none at all.
#[derive(Clone, Copy, Debug)]
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
}

/// How many bits each number is stored in, 1 to 64, the sign not counted: an `i32` has 31.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "channel_contract::Widths says what each is")]
pub struct Widths {
    pub channel: u8,
    pub part: u8,
    pub content_revision: u8,
    pub type_id: u8,
    pub type_revision: u8,
    pub fields_per_instance: u8,
    pub instances: u8,
    pub detections: u8,
    pub patterns: u8,
    pub match_count: u8,
    pub integer_operand: u8,
}

/// A template type of `DEFINED` fields.
#[derive(Clone, Copy, Debug)]
pub struct TemplateType<const DEFINED: usize> {
    /// What people call it.
    pub name: &'static str,
    /// The id that content names it by.
    pub id: u32,
    /// Its revision.
    pub revision: u32,
    /// The channel whose files carry its instances.
    pub channel: u32,
    /// The largest number of its instances that the sensor loads.
    pub instance_cap: u32,
    /// Its fields, in the order of the inputs.
    pub fields: [Field; DEFINED],
}

impl<const DEFINED: usize> TemplateType<DEFINED> {
    /// The array itself, which has one element for every field or does not compile.
    pub const fn inputs<T>(&self, inputs: [T; DEFINED]) -> [T; DEFINED] {
        inputs
    }
}

/// One input field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    name: &'static str,
    input: u8,
    nullable: bool,
    max_bytes: u32,
}

impl Field {
    /// A text of at most so many bytes.
    pub const fn text(name: &'static str, max_bytes: u32) -> Self {
        Self { name, input: 0, nullable: false, max_bytes }
    }

    /// A signed 64-bit integer.
    pub const fn integer(name: &'static str) -> Self {
        Self { name, input: 1, nullable: false, max_bytes: 0 }
    }

    /// An IPv4 or IPv6 address.
    pub const fn address(name: &'static str) -> Self {
        Self { name, input: 2, nullable: false, max_bytes: 0 }
    }

    /// The same, but there may be no input.
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }
}

/// Writes the record of the sensor: once in the binary, at module level. It also defines `contentgate_keep()`, which the
/// sensor calls once if it is built for windows-gnu, whose linker drops every static that no code uses.
#[macro_export]
macro_rules! sensor {
    ($sensor:expr $(,)?) => {
        /// Keeps the record of the sensor where a linker drops statics that no code uses.
        pub fn contentgate_keep() {
            $crate::__record!($crate::SENSOR_LENGTH, $crate::sensor_record(&$sensor));
        }
    };
}

/// The array of inputs at the call site, and the record of the template type, whose `supplied` is the length of that
/// array. The type is a constant [`TemplateType`].
#[macro_export]
macro_rules! inputs {
    ($template:path, [$($input:expr),* $(,)?]) => {{
        $crate::inputs_unchecked!($template, <[&str]>::len(&[$(stringify!($input)),*]));
        $template.inputs([$($input),*])
    }};
}

/// The record of a template type whose call site is as it is, in a function: it states how many inputs are supplied and
/// checks nothing. Lint reports it if it differs from the number of fields.
#[macro_export]
macro_rules! inputs_unchecked {
    ($template:path, $supplied:expr) => {
        $crate::__record!(
            $crate::type_length($template.fields.len()),
            $crate::type_record(&$template, $supplied)
        )
    };
}

/// A static in the section of the contract.
#[doc(hidden)]
#[macro_export]
macro_rules! __record {
    ($length:expr, $record:expr) => {{
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__chanctr"))]
        #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".chanctr"))]
        static RECORD: [u8; $length] = $record;
        $crate::__keep(&RECORD);
    }};
}

#[doc(hidden)]
#[inline(always)]
pub fn __keep(record: &'static [u8]) {
    if cfg!(all(windows, target_env = "gnu")) {
        core::hint::black_box(record);
    }
}
