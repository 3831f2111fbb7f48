//! A vendor's interpreter that does everything wrong that we could think of: each is its finding, with the smallest
//! events that show it, and the gate neither hangs nor dies. What Linux can limit, is limited.

mod common;

use channel_contract::testing::Built;
use channel_contract::{Contract, Field, Limits as Tolerates, OperatorSet, TemplateType};
use channel_gate::consumer::{Comparison, Limits, Problem, ProblemKind, Setup, compare};
use channel_gate::{OwnedInput, Record};
use channel_interpreter::{Interpreter, NoRegexes};
use channel_parser::channel;
use channel_parser::model::{Channel, InputType, TypeId, TypeRevision};
use channel_parser::text;
use common::misbehaving;
use std::path::Path;
use std::time::Duration;

const CONTENT: &str = "
channel-file 1
channel 1 part 0 revision 1
type 1 revision 1 t
  field Word
  field Text
  field Number
detection first level low
  include type 1
    Word: any of exact 'hit'
detection second level low
  include type 1
    Number: any of equal 77
";

fn contract() -> Contract {
    let field = |name: &str, input, nullable| {
        let max_bytes = if input == InputType::Text { 64 } else { 0 };
        Field { name: name.into(), input, nullable, max_bytes }
    };
    let fields = vec![
        field("Word", InputType::Text, false),
        field("Text", InputType::Text, true),
        field("Number", InputType::Integer, false),
    ];
    let (id, revision, channel) = (TypeId(1), TypeRevision(1), Channel(1));
    let template = TemplateType { id, revision, channel, supplied: 3, fields, ..Default::default() };
    let limits = Tolerates { work_per_event: 100, ..Default::default() };
    Contract { types: vec![template], operators: OperatorSet::all(), limits, ..Default::default() }
}

fn event(word: &str) -> Record {
    let text = |text: &str| Some(OwnedInput::Text(text.into()));
    Record {
        template: TypeId(1),
        inputs: vec![text(word), text("some text"), Some(OwnedInput::Integer(4711))],
    }
}

fn setup(built: &Built, mode: &str) -> Setup {
    let launcher = vec![env!("CARGO_BIN_EXE_contentgate").into(), "launch-consumer".into()];
    let limits = Limits { memory: 64 << 20, ..Limits::default() };
    let setup = Setup::new([built.path.as_os_str(), mode.as_ref()]);
    Setup { launcher: cfg!(unix).then_some(launcher), limits, ..setup }
}

fn run(setup: &Setup) -> Comparison {
    let (bytes, contract) = (text::assemble(CONTENT).unwrap(), contract());
    let file = channel::parse(&bytes).unwrap();
    let interpreter = Interpreter::new(&file, &contract, NoRegexes);
    let events = ["calm", "hit", "calm", "now", "hit", "calm", "hit"].map(event);
    compare(setup, &interpreter, events)
}

/// The one problem of a consumer, with the events that show it.
fn problem(mode: &str, setup: &Setup) -> (Problem, Vec<String>) {
    let found = run(setup);
    let [problem] = found.problems.as_slice() else { panic!("{mode}: {found:?}") };
    assert!(problem.repeated, "{mode}: {found:?}");
    (problem.clone(), problem.events.iter().map(Record::to_json).collect())
}

const NOW: &str = r#"{"type":1,"inputs":["now",null,0]}"#;

#[test]
fn each_kind_of_death_is_found_with_the_smallest_event() {
    use ProblemKind::{Crash, Disagrees, Protocol};
    let Some(built) = misbehaving() else { return };
    for (mode, kind, what) in [
        ("crash", Crash, "died with SIGSEGV"),
        ("abort", Crash, "died with SIGABRT"),
        ("exit", Crash, "died with exit status 3: out of cheese"),
        ("end", Protocol, "answered nothing: it ended as if all were done"),
        ("close", Protocol, "answered nothing: it closed its output and lived on"),
        ("garbage", Protocol, "answered `\u{1b}[2J<html>502 Bad Gateway</html>`"),
        ("endless", Protocol, "answered a line without end"),
        ("beyond", Protocol, "answered `match 4000000000`"),
        ("unsorted", Protocol, "answered `match 1 0`"),
        ("wrong", Disagrees, "matches detection 1, and the interpreter matches no detection"),
    ] {
        let (problem, events) = problem(mode, &setup(built, mode));
        assert_eq!(
            (problem.kind, problem.count, events.as_slice()),
            (kind, 1, &[NOW.to_owned()][..]),
            "{mode}"
        );
        assert!(problem.what.starts_with(what), "{mode}: {}", problem.what);
    }
}

#[test]
fn what_needs_no_event_is_found_without() {
    let Some(built) = misbehaving() else { return };
    let quick = |mode| {
        let setup = setup(built, mode);
        let limits = Limits { load: Duration::from_secs(1), ..setup.limits };
        Setup { limits, ..setup }
    };
    let (problem, events) = problem("refuse", &quick("refuse"));
    assert_eq!((problem.kind, events), (ProblemKind::Disagrees, vec![]));
    assert_eq!(problem.what, "refuses the file: I know no such thing");
    // What goes wrong before it has seen the content is no fault of the content.
    for (mode, what) in [
        ("mute", "it gave no answer within 1s"),
        ("version", "it answered `contentgate-consumer 2 misbehaving`"),
    ] {
        let found = run(&quick(mode));
        let why = found.unrun.unwrap_or_default();
        assert!(why.contains(what) && found.problems.is_empty(), "{mode}: {why}");
    }
    // It may be heard before it was asked.
    let found = run(&quick("deaf"));
    let hang =
        found.problems.iter().any(|problem| problem.kind == ProblemKind::Hang && problem.events.is_empty());
    assert!(hang || found.unrun.is_some(), "{found:?}");
}

#[test]
fn a_consumer_that_never_answers_is_left_after_its_time() {
    let Some(built) = misbehaving() else { return };
    for (mode, how) in [("busy", "and was busy all along"), ("sleep", "and waited")] {
        let setup = setup(built, mode);
        let limits = Limits { event: Duration::from_millis(500), ..setup.limits };
        let (problem, events) = problem(mode, &Setup { limits, ..setup });
        assert_eq!((problem.kind, events), (ProblemKind::Hang, vec![NOW.to_owned()]), "{problem:?}");
        assert!(problem.what.starts_with("gave no answer within 500ms"), "{}", problem.what);
        // On a busy machine a busy process may wait too.
        assert!(
            mode == "busy" || !cfg!(target_os = "linux") || problem.what.ends_with(how),
            "{}",
            problem.what
        );
    }
}

#[test]
fn what_is_lost_little_by_little_or_at_once_is_found() {
    let Some(built) = misbehaving() else { return };
    if !cfg!(target_os = "linux") {
        return common::not_run(format_args!("not run: this system does not tell what a process holds"));
    }
    let (problem, events) = self::problem("hog", &setup(built, "hog"));
    assert_eq!((problem.kind, events), (ProblemKind::Budget, vec![NOW.to_owned()]));
    assert!(problem.what.ends_with("MiB of memory and may hold 64"), "{}", problem.what);
    let (problem, events) = self::problem("threads", &setup(built, "threads"));
    assert_eq!((problem.kind, events), (ProblemKind::Budget, vec![NOW.to_owned()]));
    assert!(problem.what.ends_with("threads and may run 256"), "{}", problem.what);
    for (mode, what) in
        [("leak", "bytes more after each event"), ("slower", "takes longer from event to event")]
    {
        let (problem, events) = self::problem(mode, &setup(built, mode));
        let smallest = r#"{"type":1,"inputs":["",null,0]}"#.to_owned();
        assert_eq!((problem.kind, events), (ProblemKind::Budget, vec![smallest]), "{problem:?}");
        assert!(problem.what.contains(what), "{}", problem.what);
    }
}

#[test]
fn a_death_that_events_before_it_bring_about_is_shown_with_them() {
    let Some(built) = misbehaving() else { return };
    let (problem, events) = problem("third", &setup(built, "third"));
    assert_eq!((problem.kind, problem.count), (ProblemKind::Crash, 2));
    assert_eq!(events, vec![r#"{"type":1,"inputs":["",null,0]}"#; 3]);
}

#[test]
fn what_is_said_unasked_is_no_answer() {
    let Some(built) = misbehaving() else { return };
    for mode in ["flood", "twice"] {
        let found = run(&setup(built, mode));
        // Whether it is heard before the next question or taken for the answer to it is a matter of moments.
        let kinds: Vec<_> = found.problems.iter().map(|problem| problem.kind).collect();
        let known = |kind: &ProblemKind| matches!(kind, ProblemKind::Protocol | ProblemKind::Disagrees);
        assert!(!kinds.is_empty() && kinds.iter().all(known), "{mode}: {found:?}");
    }
}

#[test]
fn a_consumer_that_does_its_work_has_no_problem_however_much_it_talks() {
    let Some(built) = misbehaving() else { return };
    for mode in ["", "chatter"] {
        let found = run(&setup(built, mode));
        assert_eq!((found.problems.as_slice(), found.agreed, &found.unrun), (&[][..], 7, &None), "{mode}");
        assert_eq!(found.name, "misbehaving");
    }
    let found = run(&setup(built, "unsupported"));
    assert_eq!(found.unrun.as_deref(), Some("cannot run the file: wrong phase of the moon"));
    assert_eq!((found.problems.len(), found.agreed), (0, 0));
}

#[test]
fn what_does_not_start_is_not_run() {
    let Some(built) = misbehaving() else { return };
    // Neither what is not there nor what is no program.
    let none = common::root().join("Cargo.toml").display().to_string();
    for command in ["./there-is-no-such-consumer", &none] {
        for launcher in [setup(built, "").launcher, None] {
            let found = run(&Setup { launcher, ..Setup::new([command]) });
            let why = found.unrun.unwrap_or_default();
            assert!(why.starts_with("the consumer could not be started: "), "{command}: {why}");
            assert_eq!(found.problems.len(), 0);
        }
    }
}

/// What a consumer tries that it has no business with.
#[test]
fn nothing_else_can_be_reached() {
    let Some(built) = misbehaving() else { return };
    if !cfg!(target_os = "linux") {
        return common::not_run(format_args!("not run: this system does not limit what a consumer reaches"));
    }
    let other = tempfile::tempdir().unwrap();
    for (mode, what) in [
        ("connect", "connection: Operation not permitted"),
        ("forks", "processes: Operation not permitted"),
        ("write", "file: Permission denied"),
        ("read", "folder: Permission denied"),
        ("kill", "signal: Operation not permitted"),
        ("environment", "token: Operation not permitted"),
    ] {
        let mut setup = setup(built, mode);
        setup.command.push(other.path().into());
        let (problem, events) = problem(mode, &setup);
        assert_eq!((problem.kind, events), (ProblemKind::Crash, vec![NOW.to_owned()]), "{mode}");
        assert_eq!(problem.what, format!("died with exit status 1: {what}"));
        let confinement = run(&setup).confinement.unwrap();
        assert!(confinement.files && confinement.calls, "{confinement}");
    }
    // What it needs can be given.
    let mut setup = setup(built, "read");
    setup.command.push(other.path().into());
    setup.read.push(other.path().into());
    assert_eq!(problem("read", &setup).0.what, "died with exit status 9: folder: it worked");
    assert!(!Path::new("misbehaved.txt").exists());
}

/// The same without the launcher shows that it is the launcher that limits.
#[test]
fn without_the_launcher_only_time_and_memory_are_limited() {
    let Some(built) = misbehaving() else { return };
    let setup = Setup { launcher: None, ..setup(built, "forks") };
    let (problem, _) = problem("forks", &setup);
    assert_eq!(problem.what, "died with exit status 9: processes: it worked");
    let confinement = run(&setup).confinement.unwrap();
    assert!(confinement.to_string().contains("NOT in files, connections and processes"), "{confinement}");
}

/// The content and the sensor's contract as files.
fn written(folder: &Path) -> (String, String) {
    let (file, sensor) = (folder.join("C-00000001-00000000-00000001.sys"), folder.join("sensor.toml"));
    std::fs::write(&file, text::assemble(CONTENT).unwrap()).unwrap();
    let limits = Tolerates {
        file_bytes: 4096,
        detections: 8,
        instances: 8,
        clauses_per_criterion: 4,
        patterns_per_clause: 4,
        operand_bytes: 64,
        automaton_bytes: 1 << 20,
        work_per_event: 100,
        ..Default::default()
    };
    let mut contract = Contract { limits, ..contract() };
    contract.types.iter_mut().for_each(|template| template.instance_cap = 8);
    std::fs::write(&sensor, channel_contract::toml::print(&contract)).unwrap();
    (file.display().to_string(), sensor.display().to_string())
}

fn command(built: &Built, mode: &str) -> String {
    format!("'{}' {mode}", built.path.display())
}

/// As a user calls it: what the consumer does is in the report, beside what the validator found.
#[test]
fn check_runs_the_vendors_interpreter() {
    let Some(built) = misbehaving() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (file, sensor) = written(folder.path());
    let (file, sensor) = (file.as_str(), sensor.as_str());
    let check = |arguments: &[&str]| common::run(&[&["check", file, "--sensor", sensor], arguments].concat());
    let command = |mode: &str| command(built, mode);

    let (stdout, stderr, status) = check(&["--consumer", &command("unknown")]);
    // It knows no `equal 77`, and the events that are steered through the content find that.
    assert_eq!(status, 1, "{stdout}{stderr}");
    assert!(
        stdout.contains("error[CG623]")
            && stdout.contains("matches no detection, and the interpreter matches detection 1"),
        "{stdout}"
    );
    assert!(stdout.contains(r#"witness: on event {"type":1,"inputs":["",null,77]}"#), "{stdout}");
    assert!(stderr.starts_with("consumer misbehaving: "), "{stderr}");

    let (stdout, _, status) = check(&["--consumer", &command("third")]);
    assert_eq!(status, 1, "{stdout}");
    assert!(stdout.contains("error[CG620]: the consumer `misbehaving` died with SIGABRT"), "{stdout}");

    let (stdout, stderr, status) = check(&["--consumer", &command("unsupported")]);
    assert_eq!(status, 3, "{stdout}{stderr}");
    assert!(stdout.contains("warning[CG625]") && stdout.contains("CANNOT JUDGE"), "{stdout}");

    let (stdout, _, status) = check(&["--consumer", "./there-is-none", "--output", "json"]);
    assert_eq!(status, 3, "{stdout}");
    assert!(stdout.contains(r#""code": "CG625""#) || stdout.contains(r#""code":"CG625""#), "{stdout}");

    let two = [
        &["check", file, "--sensor", sensor, "--sensor", "corpus/contracts/example.toml"][..],
        &["--consumer", "x"],
    ]
    .concat();
    for (arguments, why) in [
        (two.as_slice(), "name that one with --sensor"),
        (&["check", file, "--structure-only", "--consumer", "x"], "--structure-only"),
        (&["check", file, "--sensor", sensor, "--consumer", "'"], "cannot be split"),
        (&["check", file, "--sensor", sensor, "--consumer", " "], "names no program"),
        (&["check", file, "--sensor", sensor, "--consumer-seconds", "1"], "--consumer"),
    ] {
        let (_, stderr, status) = common::run(arguments);
        assert!(status == 2 && stderr.contains(why), "{arguments:?}: {status} {stderr}");
    }
}

#[test]
fn run_runs_the_vendors_interpreter_on_recorded_events() {
    let Some(built) = misbehaving() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (file, sensor) = written(folder.path());
    let events = folder.path().join("events.jsonl");
    let lines: String = ["calm", "hit", "now", "calm"].map(|word| event(word).to_json() + "\n").concat();
    std::fs::write(&events, lines).unwrap();
    let events = events.to_str().unwrap();
    let run = |mode: &str, more: &[&str]| {
        let command = command(built, mode);
        let arguments = ["run", &file, "--sensor", &sensor, "--events", events, "--consumer", &command];
        common::run(&[&arguments, more].concat())
    };
    let (stdout, stderr, status) = run("unknown", &[]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(stdout.contains("consumer misbehaving: agreed on 4 events"), "{stdout}");
    let (stdout, stderr, status) = run("crash", &[]);
    assert_eq!(status, 1, "{stdout}{stderr}");
    assert!(stdout.contains("consumer-crash: it died with SIGSEGV; on 1 event\n"), "{stdout}");
    assert!(stdout.contains(NOW), "{stdout}");
    let (stdout, stderr, status) = run("crash", &["--output", "json"]);
    assert_eq!(status, 1, "{stdout}{stderr}");
    assert!(stdout.contains(r#""rule":"CG620""#) && stdout.contains(r#""agreed":3"#), "{stdout}");
    let (stdout, stderr, status) = run("unsupported", &[]);
    assert_eq!(status, 3, "{stdout}{stderr}");
    let arguments = ["run", &file, "--sensor", &sensor, "--events", "-", "--consumer", "x"];
    assert_eq!(common::run(&arguments).2, 2);
}

/// A rule blob, on a consumer of such.
#[test]
fn sysmon_has_consumers_too() {
    // Where it lies, for it can read nothing else.
    let asked = "import sys, tomllib; print(sys.executable); print(sys.base_prefix)";
    let found = std::process::Command::new("python3").args(["-c", asked]).output();
    let Some(found) = found.ok().filter(|found| found.status.success()) else {
        return common::not_run(format_args!(
            "not run: the consumer of rule blobs, for there is no python3 of 3.11"
        ));
    };
    let found = String::from_utf8(found.stdout).unwrap();
    let (python, prefix) = found.trim_end().split_once('\n').unwrap();
    let contract = "validators/contract/sysmon/4.81.toml";
    let command = |more: &str| format!("'{python}' corpus/consumers/blobs/blobs.py {contract} {more}");
    let file = "corpus/sysmon/known/quiet.xml";
    let check = |more| {
        common::run(&[
            "check",
            file,
            "--sensor",
            "sysmon:4.81",
            "--consumer",
            &command(more),
            "--consumer-read",
            prefix,
        ])
    };
    let (stdout, stderr, status) = check("");
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(stderr.starts_with("consumer blobs: "), "{stderr}");
    let (stdout, _, status) = check("case");
    assert_eq!((status, stdout.matches("error[CG623]").count()), (1, 1), "{stdout}");
    assert!(stdout.contains("quiet.xml:18:9") && stdout.contains("witness: on event"), "{stdout}");
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.jsonl");
    std::fs::write(&events, r#"{"id": 1, "fields": {"Image": "C:\\CMD.EXE", "CommandLine": "CMD.EXE"}}"#)
        .unwrap();
    let run = |more| {
        let arguments = ["run", file, "--sensor", "sysmon:4.81", "--events", events.to_str().unwrap()];
        common::run(&[&arguments[..], &["--consumer", &command(more)]].concat())
    };
    let (stdout, stderr, status) = run("");
    assert_eq!(
        (status, stdout.contains("consumer blobs: agreed on 1 event\n")),
        (0, true),
        "{stdout}{stderr}"
    );
    let (stdout, stderr, status) = run("case");
    assert_eq!(status, 1, "{stdout}{stderr}");
    let said = "consumer-disagrees: it does not log it, and the interpreter logs it as `shells`";
    assert!(stdout.contains(said), "{stdout}");
    // Content that the sensor does not read is refused, and nothing more is asked about it.
    let channel = "corpus/incidents/channel-file-291/C-00000291-00000000-00000033.sys";
    let (stdout, stderr, status) =
        common::run(&["check", channel, "--sensor", "sysmon:4.81", "--consumer", &command("")]);
    assert_eq!((status, stderr.contains("consumer blobs")), (1, false), "{stdout}{stderr}");
}

/// Whoever finds the hidden command gets nothing out of it.
#[test]
fn the_launcher_is_for_contentgate_itself() {
    for arguments in [&[][..], &["1"], &["x", "--", "true"], &["1", "--other", "--", "true"], &["1", "--"]] {
        let (stdout, _, status) = common::run(&[&["launch-consumer"], arguments].concat());
        assert!(
            status == 3 && (stdout.starts_with("failed ") || !cfg!(unix)),
            "{arguments:?}: {status} {stdout}"
        );
    }
    assert!(!common::run(&["--help"]).0.contains("launch"));
}
