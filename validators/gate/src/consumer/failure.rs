//! How a consumer fails: each way is a value, and none is the gate's failure.

use std::fmt;
use std::process::ExitStatus;
use std::time::Duration;

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// The system does not say.
    Unknown,
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Signal(signal);
        }
        status.code().map_or(Self::Unknown, Self::Code)
    }
}

/// The signals that programs die by: their numbers are the same on every Unix, or else stand here for Linux.
const SIGNALS: &[(i32, &str)] = &[
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (4, "SIGILL"),
    (5, "SIGTRAP"),
    (6, "SIGABRT"),
    #[cfg(target_os = "linux")]
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    #[cfg(not(target_os = "linux"))]
    (10, "SIGBUS"),
    (11, "SIGSEGV"),
    #[cfg(not(target_os = "linux"))]
    (12, "SIGSYS"),
    (13, "SIGPIPE"),
    (14, "SIGALRM"),
    (15, "SIGTERM"),
    (24, "SIGXCPU"),
    (25, "SIGXFSZ"),
    #[cfg(target_os = "linux")]
    (31, "SIGSYS"),
];

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Windows gives the number of an exception as a status.
            Self::Code(code) if *code < 0 => write!(f, "exit status {code:#x}"),
            Self::Code(code) => write!(f, "exit status {code}"),
            Self::Signal(signal) => match SIGNALS.iter().find(|(number, _)| number == signal) {
                Some((_, name)) => f.write_str(name),
                None => write!(f, "signal {signal}"),
            },
            Self::Unknown => f.write_str("an unknown exit status"),
        }
    }
}

/// What a consumer did instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It could not be started, or not confined.
    NotStarted(String),
    /// It died.
    Died {
        /// How.
        exit: Exit,
        /// What it said about it: the line of a sanitizer or a panic, else its last line on standard error.
        said: String,
    },
    /// It gave no answer in time.
    Silent {
        /// How long it had.
        allowed: Duration,
        /// How much of that it was on a processor, if the system tells: a busy loop, or a wait.
        busy: Option<Duration>,
    },
    /// It held more memory than it may.
    Memory {
        /// How much it held.
        found: u64,
        /// How much it may.
        allowed: u64,
    },
    /// It ran more threads than it may.
    Threads {
        /// How many it ran.
        found: u64,
        /// How many it may.
        allowed: u64,
    },
    /// It did not keep to the protocol.
    Protocol {
        /// What had to come.
        expected: String,
        /// What came.
        found: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(why) => write!(f, "the consumer could not be started: {why}"),
            Self::Died { exit, said } if said.is_empty() => write!(f, "died with {exit}"),
            Self::Died { exit, said } => write!(f, "died with {exit}: {said}"),
            Self::Silent { allowed, busy } => {
                write!(f, "gave no answer within {allowed:?}")?;
                match busy {
                    Some(busy) if busy.saturating_mul(2) > *allowed => f.write_str(" and was busy all along"),
                    Some(_) => f.write_str(" and waited"),
                    None => Ok(()),
                }
            }
            Self::Memory { found, allowed } => {
                write!(f, "held {} MiB of memory and may hold {}", found >> 20, allowed >> 20)
            }
            Self::Threads { found, allowed } => write!(f, "ran {found} threads and may run {allowed}"),
            Self::Protocol { expected, found } => write!(f, "answered {found}; expected {expected}"),
        }
    }
}

impl std::error::Error for Failure {}

/// Of what a process wrote to standard error, the line that tells why it died.
pub(super) fn telling_line(said: &str) -> String {
    const MARKS: [&str; 5] = ["ERROR: ", "runtime error: ", "panicked at", "Assertion", "Traceback"];
    const SHOWN: usize = 200;
    let marked = || said.lines().find(|line| MARKS.iter().any(|mark| line.contains(mark)));
    let last = || said.lines().rev().find(|line| !line.trim().is_empty());
    let python = said.contains("Traceback (most recent call last)");
    let line = if python { last().or_else(marked) } else { marked().or_else(last) };
    shortened(without_addresses(line.unwrap_or_default().trim()), SHOWN)
}

/// The line of a sanitizer without what differs from run to run: the number of the process, addresses.
fn without_addresses(line: &str) -> &str {
    let Some(at) = line.find("ERROR: ").filter(|_| line.contains("Sanitizer: ")) else { return line };
    let line = line.get(at..).unwrap_or(line);
    line.split(" on ").next().unwrap_or(line)
}

/// The start of a text.
pub(super) fn shortened(text: &str, shown: usize) -> String {
    match text.char_indices().nth(shown) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_says_is_found() {
        let asan =
            "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1\nREAD of size 8\n    #0 x\n";
        assert_eq!(telling_line(asan), "ERROR: AddressSanitizer: heap-buffer-overflow");
        assert_eq!(
            telling_line("Traceback (most recent call last):\n  x\nIndexError: list\n"),
            "IndexError: list"
        );
        assert_eq!(telling_line("starting\nout of cheese\n\n"), "out of cheese");
        assert_eq!(telling_line(""), "");
        assert_eq!(telling_line(&"ä".repeat(300)).chars().count(), 203);
    }
}
