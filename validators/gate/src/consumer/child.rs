//! The child process: what is written to it, what it writes, and when it has had its time. Three threads move bytes, each
//! with a bounded store, so that a consumer that does not read, does not write or writes without end holds nobody up.

use super::confine::{self, Confinement, Purpose};
use super::failure::telling_line;
use super::protocol::{Answer, Expected};
use super::{Exit, Failure, Setup, Usage};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStderr, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The longest line that is ever taken.
const LINE_BYTES: u64 = 16 << 20;
/// What is kept of standard error: its start and its end.
const SAID_HEAD: usize = 4 << 10;
const SAID_TAIL: usize = 16 << 10;
/// The threads that it may run: as many start before somebody looks, and a bomb is stopped.
const THREADS: u64 = 256;
/// How often a consumer that owes an answer is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How long one that has closed its output may take to end.
const GRACE: Duration = Duration::from_secs(1);

/// What came from standard output.
#[derive(Debug)]
enum Heard {
    Line(Vec<u8>),
    TooLong,
}

/// A child process that is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Child {
    process: std::process::Child,
    ended: Option<Exit>,
    ask: SyncSender<Vec<u8>>,
    heard: Receiver<Heard>,
    said: Arc<Mutex<Said>>,
    confinement: Confinement,
    memory: u64,
}

impl Child {
    /// Starts it.
    pub(super) fn start(setup: &Setup, purpose: Purpose) -> Result<Self, Failure> {
        let not_started = |error: std::io::Error| Failure::NotStarted(error.to_string());
        let mut command = confine::command(setup, purpose)?;
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(not_started)?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            return Err(Failure::NotStarted("it has no pipes".into()));
        };
        let (ask, asked) = sync_channel(1);
        let (tell, heard) = sync_channel(1);
        let said = Arc::new(Mutex::new(Said::default()));
        let keep = Arc::clone(&said);
        thread::spawn(move || write(stdin, &asked));
        thread::spawn(move || read(stdout, &tell));
        thread::spawn(move || listen(stderr, &keep));
        let (confinement, memory) = (Confinement::none(), setup.limits.memory);
        let mut child = Self { process, ended: None, ask, heard, said, confinement, memory };
        if setup.launcher.is_some() {
            let line = child.line(setup.limits.load, Expected::Hello)?;
            child.confinement = Confinement::read(&line).map_err(Failure::NotStarted)?;
        }
        Ok(child)
    }

    /// What it cannot do.
    pub(super) fn confinement(&self) -> &Confinement {
        &self.confinement
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask(
        &mut self,
        question: Vec<u8>,
        expected: Expected,
        allowed: Duration,
    ) -> Result<Answer, Failure> {
        if let Ok(Heard::Line(line)) = self.heard.try_recv() {
            return Err(expected.wrong(&format!(
                "`{}` before it was asked",
                super::failure::shortened(&String::from_utf8_lossy(&line), 80)
            )));
        }
        // The writer is idle, for the answer before was waited for; if it is gone, so is the reader of the other end.
        let _ = self.ask.try_send(question);
        let line = self.line(allowed, expected)?;
        expected.read(&line)
    }

    /// The next line, if it comes in time.
    fn line(&mut self, allowed: Duration, expected: Expected) -> Result<Vec<u8>, Failure> {
        let (start, before) = (Instant::now(), self.usage());
        loop {
            let closed = match self.heard.recv_timeout(LOOK) {
                Ok(Heard::Line(line)) => return Ok(line),
                Ok(Heard::TooLong) => return Err(expected.wrong("a line without end")),
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            // A grandchild may hold its output open.
            if closed || self.has_ended() {
                return self.last_words(expected);
            }
            let usage = self.usage();
            if let Some(found) = usage.map(|usage| usage.memory).filter(|found| *found > self.memory) {
                self.end();
                return Err(Failure::Memory { found, allowed: self.memory });
            }
            if let Some(found) = usage.map(|usage| usage.threads).filter(|found| *found > THREADS) {
                self.end();
                return Err(Failure::Threads { found, allowed: THREADS });
            }
            if start.elapsed() >= allowed {
                self.end();
                let cpu = |usage: Option<Usage>| usage.map(|usage| usage.cpu);
                let busy = cpu(usage).zip(cpu(before)).map(|(now, then)| now.saturating_sub(then));
                return Err(Failure::Silent { allowed, busy });
            }
        }
    }

    /// What is to be said of one whose output has ended: an answer that came first is still one.
    fn last_words(&mut self, expected: Expected) -> Result<Vec<u8>, Failure> {
        match self.heard.recv_timeout(LOOK) {
            Ok(Heard::Line(line)) => return Ok(line),
            Ok(Heard::TooLong) => return Err(expected.wrong("a line without end")),
            Err(_) => {}
        }
        let deadline = Instant::now().checked_add(GRACE);
        while !self.has_ended() && deadline.is_some_and(|deadline| Instant::now() < deadline) {
            thread::sleep(LOOK);
        }
        let Some(exit) = self.ended.clone() else {
            self.end();
            return Err(expected.wrong("nothing: it closed its output and lived on"));
        };
        // What it said may still be on its way.
        let said = || self.said.lock().unwrap_or_else(PoisonError::into_inner);
        while !said().whole && deadline.is_some_and(|deadline| Instant::now() < deadline) {
            thread::sleep(Duration::from_millis(1));
        }
        if exit == Exit::Code(0) {
            return Err(expected.wrong("nothing: it ended as if all were done"));
        }
        let said = telling_line(&said().text());
        Err(Failure::Died { exit, said })
    }

    fn has_ended(&mut self) -> bool {
        if self.ended.is_none()
            && let Ok(Some(status)) = self.process.try_wait()
        {
            self.ended = Some(status.into());
        }
        self.ended.is_some()
    }

    /// Ends it and all that it started.
    fn end(&mut self) {
        if self.has_ended() {
            return;
        }
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.process.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.process.kill();
        if let Ok(status) = self.process.wait() {
            self.ended = Some(status.into());
        }
    }

    /// What it holds and has used.
    pub(super) fn usage(&self) -> Option<Usage> {
        if self.ended.is_some() || !cfg!(target_os = "linux") {
            return None;
        }
        let of = |what: &str| std::fs::read_to_string(format!("/proc/{}/{what}", self.process.id())).ok();
        let status = of("status")?;
        let number = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        let held = number("VmRSS:")?.saturating_add(number("VmSwap:").unwrap_or(0));
        let cpu = of("schedstat").and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0);
        let (memory, threads) = (held.saturating_mul(1024), number("Threads:").unwrap_or(0));
        Some(Usage { memory, threads, cpu: Duration::from_nanos(cpu) })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

fn write(mut stdin: ChildStdin, asked: &Receiver<Vec<u8>>) {
    while let Ok(bytes) = asked.recv() {
        if stdin.write_all(&bytes).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

fn read(stdout: ChildStdout, tell: &SyncSender<Heard>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        let heard = match stdout.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(_) if line.last() == Some(&b'\n') => {
                line.pop();
                Heard::Line(line)
            }
            Ok(read) if read as u64 == LINE_BYTES => Heard::TooLong,
            // What the end of the output cuts is no answer.
            Ok(_) | Err(_) => return,
        };
        let over = matches!(heard, Heard::TooLong);
        if tell.send(heard).is_err() || over {
            return;
        }
    }
}

/// What a process wrote to standard error.
#[derive(Debug, Default)]
struct Said {
    head: Vec<u8>,
    tail: std::collections::VecDeque<u8>,
    whole: bool,
}

impl Said {
    fn hear(&mut self, bytes: &[u8]) {
        let (head, rest) =
            bytes.split_at_checked(SAID_HEAD.saturating_sub(self.head.len())).unwrap_or((bytes, &[]));
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(SAID_TAIL);
        self.tail.drain(..over);
    }

    fn text(&self) -> String {
        let bytes: Vec<u8> = self.head.iter().chain(&self.tail).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn listen(mut stderr: ChildStderr, said: &Mutex<Said>) {
    let mut buffer = [0; 4096];
    let keep = || said.lock().unwrap_or_else(PoisonError::into_inner);
    while let Ok(read @ 1..) = stderr.read(&mut buffer) {
        keep().hear(buffer.get(..read).unwrap_or_default());
    }
    keep().whole = true;
}
