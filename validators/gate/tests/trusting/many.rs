//! The trusting sensor with many contracts (`corpus/consumers/trusting/many.c`): asked without being waited for, so that a
//! test can try millions of events on it. What it answers is held to what the test expects by a thread of its own.

use super::{Build, Fate, fate_on_loading, sensor, told};
use channel_contract::Contract;
use channel_interpreter::{Fault, FaultKind};
use channel_parser::channel;
use channel_parser::model::Operator;
use channel_parser::text;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{JoinHandle, spawn};

/// A fault of the interpreter, and what the sensor does then.
type Faulted = (FaultKind, Fate);

/// What must come of a question.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// The file is loaded, if the interpreter has no fault.
    Load(Option<Faulted>),
    /// These detections match, a bit each; or the interpreter faults.
    Event(Result<u64, Faulted>),
}

/// Questions about one content.
pub struct Batch {
    content: Vec<u8>,
    /// The contracts that it makes known, in words.
    sensors: Vec<String>,
    /// What comes before the questions.
    head: Vec<u8>,
    /// A line each.
    questions: String,
    expected: Vec<Expected>,
}

impl Batch {
    /// Hands over a content, for sensors that are known from before or made known by `sensors`.
    pub fn new<'c>(content: &[u8], sensors: impl IntoIterator<Item = &'c Contract>) -> Self {
        let (mut head, sensors) = (Vec::new(), sensors.into_iter().map(told).collect::<Vec<_>>());
        for (n, words) in sensors.iter().enumerate() {
            write!(head, "sensor {n} {}\n{words}", words.len()).unwrap();
        }
        writeln!(head, "file {}", content.len()).unwrap();
        head.extend(content);
        Self { content: content.to_vec(), sensors, head, questions: String::new(), expected: Vec::new() }
    }

    /// Lets a sensor load it; these are the interpreter's faults of loading. False if no event can be asked about: it must
    /// die, or what is left of it is not the content.
    pub fn load(&mut self, sensor: usize, faults: &[Fault]) -> bool {
        self.questions += &format!("load {sensor}\n");
        let fates = || faults.iter().map(|fault| (fault.kind, fate_on_loading(fault, Build::Many)));
        let with = |wanted: Fate| fates().find(|(_, fate)| *fate == wanted);
        let worst = with(Fate::Dies).or_else(|| with(Fate::Either));
        self.expected.push(Expected::Load(worst.or_else(|| fates().next())));
        worst.is_none()
    }

    /// Lets it run an event: the bits of the detections that match, or the interpreter's fault.
    pub fn event(&mut self, json: &str, ours: Result<u64, Faulted>) {
        self.questions.extend(["event ", json, "\n"]);
        self.expected.push(Expected::Event(ours));
    }
}

/// What was met.
#[derive(Debug, Default)]
pub struct Met {
    /// Pairs of content and sensor that were loaded, or should have been.
    pub pairs: u64,
    /// Those that were not, for the sensor lacks something.
    pub unsupported: u64,
    /// Events that both answered, the same.
    pub agreed: u64,
    /// What died, by the interpreter's fault.
    pub died: BTreeMap<FaultKind, u64>,
    /// What went on although the interpreter faults.
    pub lived: BTreeMap<FaultKind, u64>,
}

/// The first death of a kind, to be had again.
#[derive(Debug)]
struct Death {
    sensor: String,
    content: Vec<u8>,
    event: Option<String>,
}

impl Death {
    /// Whether a process of its own dies of it too.
    fn comes_again(&self) -> bool {
        let Some(sensor) = sensor(Build::Memory) else { return true };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let contract = folder.path().join("contract");
        std::fs::write(&contract, &self.sensor).expect("a temporary file");
        let mut command = Command::new(&sensor.path);
        command.arg(contract).env("ASAN_OPTIONS", "detect_leaks=0");
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the sensor starts");
        let mut stdin = process.stdin.take().unwrap();
        let mut questions = format!("file {} small\n", self.content.len()).into_bytes();
        questions.extend(&self.content);
        self.event.iter().for_each(|event| questions.extend(format!("{event}\n").bytes()));
        // One that is dead already reads no more.
        let _ = stdin.write_all(&questions);
        drop(stdin);
        !process.wait().expect("the sensor ends").success()
    }
}

/// A running sensor.
pub struct Many {
    process: Child,
    batches: SyncSender<Batch>,
    writer: JoinHandle<()>,
    reader: JoinHandle<(Met, Vec<Death>)>,
}

impl Many {
    /// Starts one, if this machine can build it.
    pub fn start() -> Option<Self> {
        let mut process = Command::new(&sensor(Build::Many)?.path)
            .env("ASAN_OPTIONS", "detect_leaks=0:quarantine_size_mb=1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sensor starts");
        let (stdin, stdout) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let (batches, asked) = sync_channel(8);
        let (tell, told) = channel();
        let writer = spawn(move || write(stdin, &asked, &tell));
        let reader = spawn(move || read(stdout, &told));
        Some(Self { process, batches, writer, reader })
    }

    /// Tries a batch, some time.
    pub fn ask(&self, batch: Batch) {
        // If nobody takes it, `finish` says why.
        let _ = self.batches.send(batch);
    }

    /// What was met. Panics if it was not what was expected.
    pub fn finish(mut self) -> Met {
        drop(self.batches);
        let met = self.reader.join();
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = self.writer.join();
        let (met, deaths) = met.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let wrong = deaths.iter().find(|death| !death.comes_again());
        assert!(wrong.is_none(), "a process of its own does not die of it: {wrong:?}");
        met
    }
}

fn write(mut stdin: ChildStdin, batches: &Receiver<Batch>, tell: &Sender<Batch>) {
    while let Ok(mut batch) = batches.recv() {
        let (head, questions) = (std::mem::take(&mut batch.head), batch.questions.clone());
        // It is told first, for an answer may come before all is written.
        let mut all = [head.as_slice(), questions.as_bytes()].into_iter();
        if tell.send(batch).is_err() || all.try_for_each(|bytes| stdin.write_all(bytes)).is_err() {
            return;
        }
    }
}

fn read(stdout: ChildStdout, batches: &Receiver<Batch>) -> (Met, Vec<Death>) {
    let (mut stdout, mut met, mut line) = (BufReader::new(stdout), Met::default(), String::new());
    let (mut sensors, mut deaths) = (Vec::new(), Vec::new());
    while let Ok(batch) = batches.recv() {
        if !batch.sensors.is_empty() {
            sensors.clone_from(&batch.sensors);
        }
        let file = channel::parse(&batch.content).expect("a content that can be read");
        let regexes = file.patterns().any(|pattern| pattern.operator() == Some(Operator::Regex));
        let mut loaded = false;
        for (at, expected) in batch.expected.iter().enumerate() {
            line.clear();
            stdout.read_line(&mut line).expect("UTF-8");
            let answer = line.trim_end_matches('\n');
            let right = match expected {
                Expected::Load(ours) => {
                    loaded = answer == "loaded";
                    met.load(answer, *ours, regexes)
                }
                Expected::Event(_) if !loaded => answer == "unloaded",
                Expected::Event(ours) => met.event(answer, *ours),
            };
            assert!(right, "`{answer}` is not {expected:?}: {:?}\n{}", batch.asked(at), text::print(&file));
            if deaths.len() < met.died.len() {
                let (question, sensor) = batch.asked(at);
                let event = Some(question.to_owned()).filter(|question| question.starts_with("event "));
                deaths.push(Death { sensor: sensors[sensor].clone(), content: batch.content.clone(), event });
            }
        }
    }
    (met, deaths)
}

impl Met {
    fn load(&mut self, answer: &str, ours: Option<Faulted>, regexes: bool) -> bool {
        self.pairs += 1;
        match (answer, ours) {
            ("unsupported", _) => {
                self.unsupported += 1;
                regexes
            }
            ("loaded", None) => true,
            ("loaded", Some((kind, fate))) => {
                *self.lived.entry(kind).or_default() += 1;
                fate != Fate::Dies
            }
            ("died", Some((kind, fate))) => {
                *self.died.entry(kind).or_default() += 1;
                fate != Fate::Lives
            }
            _ => false,
        }
    }

    fn event(&mut self, answer: &str, ours: Result<u64, Faulted>) -> bool {
        match ours {
            Ok(matches) => {
                self.agreed += 1;
                answer == words(matches)
            }
            Err((kind, _)) if answer.ends_with("died") => {
                *self.died.entry(kind).or_default() += 1;
                true
            }
            Err((kind, fate)) => {
                *self.lived.entry(kind).or_default() += 1;
                fate != Fate::Dies && answer.starts_with(['n', 'm'])
            }
        }
    }
}

/// The answer that says these detections.
fn words(matches: u64) -> String {
    let indices = (0..64).filter(|index| matches >> index & 1 == 1);
    let shown = indices.fold("match".to_owned(), |shown, index| format!("{shown} {index}"));
    if matches == 0 { "none".into() } else { shown }
}

impl Batch {
    /// The question to an answer, and the number of the sensor.
    fn asked(&self, answer: usize) -> (&str, usize) {
        let lines = || self.questions.lines().take(answer + 1);
        let sensor = lines().filter_map(|line| line.strip_prefix("load ")).last().expect("a sensor");
        (lines().last().expect("a question"), sensor.parse().expect("a number"))
    }
}
