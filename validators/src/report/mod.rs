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

/// The outcome of one run: some files, one fleet.
#[derive(Clone, Copy, Default)]
pub struct Report<'a> {
    /// The verdict on each file.
    pub judgements: &'a [Judgement],
    /// The sensors they were judged for.
    pub fleet: &'a [Member],
    /// The files that could not be read: without them there is no pass.
    pub unread: &'a [Unread],
}

impl Report<'_> {
    /// The verdict on the files together: of none, nothing can be said.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.judgements.iter().any(|judgement| judgement.verdict == verdict);
        if any(Verdict::Fail) {
            Verdict::Fail
        } else if any(Verdict::CannotJudge) || self.judgements.is_empty() || !self.unread.is_empty() {
            Verdict::CannotJudge
        } else {
            Verdict::Pass
        }
    }
}
