//! The sections fill the file, each once, in order and where the one before it ends.

use super::structural;
use crate::rules::{Check, Rule};
use channel_parser::ErrorKind;

#[doc = include_str!("directory.md")]
pub static RULE: Rule = structural(
    107,
    "directory",
    "the sections fill the file, each once, in order and where the one before it ends",
    include_str!("directory.md"),
    Check::Bytes(|rule, subject, findings| {
        let help = "build the file again; a tool that moves sections must write the directory anew";
        super::report(rule, ErrorKind::Directory, help, subject, findings);
    }),
);
