//! A command that is run on one file after the other, each time for a bounded time, and how it ended.

use crate::exit::Failure;
use crate::output::reason;
use channel_gate::consumer::Exit;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Status(i32),
    Signal(i32),
    /// It had to be ended.
    Late,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "ends with {}", Exit::Code(*status)),
            Self::Signal(signal) => write!(f, "dies with {}", Exit::Signal(*signal)),
            Self::Late => f.write_str("does not end in its time"),
        }
    }
}

impl From<ExitStatus> for Ending {
    fn from(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Signal(signal);
        }
        Self::Status(status.code().unwrap_or(-1))
    }
}

/// The command, and the file that it is given. Its folder goes when this is dropped.
pub struct Program {
    words: Vec<OsString>,
    file: PathBuf,
    allowed: Duration,
    _folder: tempfile::TempDir,
}

impl Program {
    /// The file it is given has the name of this one.
    pub fn new(mut words: Vec<OsString>, like: &Path, seconds: u32) -> Result<Self, Failure> {
        let within = std::env::temp_dir();
        let folder = tempfile::tempdir_in(&within).map_err(|error| Failure::file(&within, reason(&error)))?;
        let file = folder.path().join(like.file_name().unwrap_or("content".as_ref()));
        let mut named = false;
        for word in &mut words {
            if let Some(text) = word.to_str().filter(|text| text.contains("{}")) {
                *word = text.replace("{}", &file.to_string_lossy()).into();
                named = true;
            }
        }
        if !named {
            words.push(file.clone().into());
        }
        Ok(Self { words, file, allowed: Duration::from_secs(seconds.into()), _folder: folder })
    }

    /// Runs it on these bytes. What it writes is not looked at.
    pub fn ending(&mut self, bytes: &[u8]) -> Result<Ending, Failure> {
        std::fs::write(&self.file, bytes).map_err(|error| Failure::file(&self.file, reason(&error)))?;
        let Some((program, arguments)) = self.words.split_first() else { return Ok(Ending::Late) };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let failed = |error: std::io::Error| {
            Failure::cannot(format!("{}: could not be run: {}", Path::new(program).display(), reason(&error)))
        };
        let mut child = command.spawn().map_err(failed)?;
        let (start, mut pause) = (Instant::now(), Duration::from_micros(200));
        loop {
            if let Some(status) = child.try_wait().map_err(failed)? {
                return Ok(status.into());
            }
            if start.elapsed() >= self.allowed {
                end(&mut child);
                return Ok(Ending::Late);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }
}

/// Ends it and all that it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
