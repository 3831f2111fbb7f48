//! What people and machines are shown. Every report is made from the same values and adds nothing to them.

mod escape;
mod hex;
mod json;
mod matrix;
mod text;

pub use escape::Escaped;
pub use hex::{Look, Mark, rows};
pub use json::json;
pub use matrix::{Outcome, Row, matrix, write_matrix};
pub use text::{Detail, summary, text};

use crate::{Judgement, Member, Verdict};
use serde::Serialize;

/// A file about which nothing can be said.
#[derive(Clone, Debug, Serialize)]
pub struct Unread {
    /// The file.
    pub file: String,
    /// Why it could not be read.
    pub why: String,
}

/// Something in a source that keeps it from being compiled, so that there is no content to judge.
#[derive(Clone, Debug, Serialize)]
pub struct Uncompiled {
    /// The source.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What had to be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Uncompiled {
    /// It in one line, as problem matchers read it.
    pub fn line(&self) -> String {
        let Self { file, line, column, expected, found } = self;
        format!("{file}:{line}:{column}: error: does not compile: expected {expected}, found {found}")
    }
}

/// The outcome of one run: some files, one fleet.
#[derive(Clone, Copy, Default)]
pub struct Report<'a> {
    /// The verdict on each file.
    pub judgements: &'a [Judgement],
    /// The sensors they were judged for.
    pub fleet: &'a [Member],
    /// The files that could not be read: without them there is no pass.
    pub unread: &'a [Unread],
    /// What is wrong with the sources that do not compile: what has no content is refused.
    pub uncompiled: &'a [Uncompiled],
}

impl Report<'_> {
    /// The verdict on the files together: of none, nothing can be said.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.judgements.iter().any(|judgement| judgement.verdict == verdict);
        if any(Verdict::Fail) || !self.uncompiled.is_empty() {
            Verdict::Fail
        } else if any(Verdict::CannotJudge) || self.judgements.is_empty() || !self.unread.is_empty() {
            Verdict::CannotJudge
        } else {
            Verdict::Pass
        }
    }
}
