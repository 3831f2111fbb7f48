//! What rule authors write -> detections for the template types of a sensor, with a source map.
//!
//! What it leaves to others: reading the sensor's contract (the caller turns it into [`Template`]s), encoding the
//! detections (`channel-parser`) and judging them (`channel-validators`).
//!
//! ```
//! use channel_parser::model::{InputType, TypeId, TypeRevision};
//! use channel_sources::{Input, SourceFile, Template, sigma};
//!
//! let process = Template {
//!     id: TypeId(1),
//!     revision: TypeRevision(1),
//!     name: "process_creation".into(),
//!     inputs: vec![Input { name: "Image".into(), input: InputType::Text }],
//!     unsupplied: vec![],
//! };
//! let rule = br"
//! title: Whoami was run
//! id: 0d4a8c0e-5a3c-4c5e-9d52-3a0a3d1b6f01
//! logsource: { product: windows, category: process_creation }
//! detection:
//!     selection:
//!         Image|endswith: '\whoami.exe'
//!     condition: selection
//! ";
//! let file = SourceFile { name: "whoami.yml".into(), bytes: rule.to_vec() };
//! let compiled = sigma::compile(&[file], &[process], "");
//! assert!(compiled.refused.is_empty());
//! let place = compiled.map.place(0, 0, 0).expect("the criterion has a place");
//! assert_eq!((place.file, place.line, place.column), ("whoami.yml", 7, 9));
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

pub mod limits;
mod map;
pub mod sigma;
pub mod sysmon_xml;
mod template;

pub use map::{MapError, Place, SourceMap};
pub use template::{Input, SourceFile, Template};
