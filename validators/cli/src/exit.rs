//! The exit status. Nothing but a finished run is a pass; a panic (101) or a signal is never remapped.

use channel_validators::Verdict;
use channel_validators::report::{Escaped, Unread};
use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked for was done, and nothing was found.
    Pass,
    /// There are findings.
    Refused,
    /// An option or a file that steers the run is wrong.
    WrongUse,
    /// Nothing to check, or something that could not be read.
    CannotJudge,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Pass => 0,
            Exit::Refused => 1,
            Exit::WrongUse => 2,
            Exit::CannotJudge => 3,
        })
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Refused,
            Verdict::CannotJudge => Self::CannotJudge,
        }
    }
}

/// Why a run did not finish.
#[derive(Debug)]
pub struct Failure {
    /// What it exits with.
    pub exit: Exit,
    /// What there is to say, a line each: what comes from files and names cannot begin another.
    lines: Vec<String>,
}

impl Failure {
    /// Something is wrong with how it was called.
    pub fn wrong_use(message: impl Display) -> Self {
        Self { exit: Exit::WrongUse, lines: vec![message.to_string()] }
    }

    /// Something could not be read or written.
    pub fn cannot(message: impl Display) -> Self {
        Self { exit: Exit::CannotJudge, lines: vec![message.to_string()] }
    }

    /// Nobody listens any more.
    pub fn silent() -> Self {
        Self { exit: Exit::CannotJudge, lines: Vec::new() }
    }

    /// Something about a file kept it from being read or written.
    pub fn file(path: &Path, why: impl Display) -> Self {
        Self::cannot(format!("{}: {why}", path.display()))
    }

    /// What was asked for is refused.
    pub fn refused(message: impl Display) -> Self {
        Self { exit: Exit::Refused, lines: vec![message.to_string()] }
    }

    /// What was asked for is refused, for several reasons: a line each.
    pub fn refused_lines(lines: Vec<String>) -> Self {
        Self { exit: Exit::Refused, lines }
    }

    /// What there is to say about a file that could not be read, so that the others can be judged. What is more than
    /// that stays a failure.
    pub fn unread(self, path: &Path) -> Result<Unread, Self> {
        let file = path.display().to_string();
        let why = self.lines.first().and_then(|line| line.strip_prefix(&format!("{file}: ")));
        match (self.exit, why) {
            (Exit::CannotJudge, Some(why)) => Ok(Unread { why: why.to_owned(), file }),
            _ => Err(self),
        }
    }

    /// Says it on standard error; if even that fails, the exit status has to do.
    pub fn report(&self) {
        let what = match self.exit {
            Exit::CannotJudge => "cannot judge",
            _ => "error",
        };
        for line in &self.lines {
            let _ = writeln!(std::io::stderr(), "{what}: {}", Escaped(line));
        }
    }
}

/// What a command returns.
pub type Done = Result<Exit, Failure>;
