//! `run` on whatever events are handed in: each is run or named, nothing panics, and nothing raw reaches the terminal.

mod common;

use common::{contentgate, root, run, seen};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;

const CONTENT: &str = "corpus/incidents/channel-file-291/C-00000291-00000000-00000033.sys";
const OLD: &str = "corpus/incidents/channel-file-291/sensor-7.11.toml";
const WINDOWS: &str = "corpus/contracts/windows/sensor.toml";

/// A line that every sensor of the test can read.
const GOOD: &[u8] = br#"{"id": 1, "fields": {"Image": "C:\\a.exe"}}"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Content without a detection that reads Windows events.
    fn content(&self) -> String {
        let text = "channel-file 1\nchannel 291 part 0 revision 1\n\ntype 1 revision 1 process_creation\n";
        let contract = fs::read_to_string(root().join(WINDOWS)).unwrap();
        let types = contract.split("[[types]]").nth(1).unwrap();
        let names =
            types.lines().filter_map(|line| line.trim().strip_prefix("{ name = \"")?.split('"').next());
        let fields: String = names.map(|name| format!("  field {name}\n")).collect();
        let detection = "\ndetection d-0001 level low\n  title \"T\\u{1b}[31m\"\n  author 'A'\n  include type 1\n    Image: any of suffix nocase '\\a.exe'\n    ProcessId: none of equal 7\n";
        let text = self.write("content.chn.txt", format!("{text}{fields}{detection}").as_bytes());
        let file = self.0.path().join("content.sys").to_str().unwrap().to_owned();
        let (stdout, stderr, status) = run(&["assemble", &text, "-o", &file]);
        assert_eq!(status, 0, "{stdout}{stderr}");
        file
    }

    /// Runs the content on these events; what is printed, and the exit status.
    fn run(&self, events: &str) -> (String, i32) {
        let (stdout, stderr, status) = run(&["run", &self.content(), "-s", WINDOWS, "-e", events]);
        let printed = stdout + &stderr;
        assert!(printed.chars().all(|c| c == '\n' || !c.is_control()), "{printed:?}");
        assert!(!printed.contains("panicked"), "{printed}");
        (printed, status)
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn every_line_is_run_or_named() {
    let folder = Folder::new();
    let deep = format!("{{\"id\":1,\"fields\":{{\"Image\":{}", "[".repeat(100_000));
    let long = format!("{{\"id\":1,\"fields\":{{\"Image\":\"{}\"}}}}", "a".repeat(5000));
    let cases: &[(&[u8], Option<&str>)] = &[
        (GOOD, None),
        (b"", None),
        (b"   \t", None),
        (br#"{"type": "process_creation", "fields": {"ProcessId": "0x10"}, "computer": {"any": []}}"#, None),
        (br#"{"type": 1, "fields": {"ProcessId": 18446744073709551615, "Image": null, "User": ["a", 1, null]}}"#, None),
        (br#"{"Event": {"System": {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational"}, "EventData": {"Image": "a"}}}"#, None),
        (br#"{"id": 4688, "channel": "Security", "provider": "p", "fields": {"IpAddress": "fe80::1%4"}}"#, None),
        (br#"{"id": 1, "channel": "Nowhere/Operational", "fields": {}}"#, None),
        (long.as_bytes(), None),
        (b"null", Some("an event is an object")),
        (b"[7, []]", Some("an event is an object")),
        (b"{", Some("column")),
        (b"{\"id\":1,\"fields\":{}}garbage", Some("column")),
        (b"{\"id\":1,\"fields\":{\"Image\":\"\xff\"}}", Some("column")),
        (b"{\"id\":1,\"fields\":{\"Image\":\"\0\"}}", Some("column")),
        (b"\0\0\0\0", Some("column")),
        (b"\x1b]0;owned\x07", Some("column")),
        (deep.as_bytes(), Some("recursion limit")),
        (br#"{"id":1,"id":2,"fields":{}}"#, Some("duplicate field")),
        (br#"{"id":1,"fields":{"Image":"a","Image":"b"}}"#, Some("`Image` comes twice")),
        (br#"{"id":1,"fields":{"Image":{"a":1}}}"#, Some("is an object")),
        (br#"{"id":"1","fields":{}}"#, Some("invalid type")),
        (br#"{"id":1}"#, Some("none of them")),
        (br#"{"fields":{}}"#, Some("neither `type` nor `id`")),
        (br#"{"type":99,"fields":{}}"#, Some("no template type 99")),
        (br#"{"type":"\u001b[2J","fields":{}}"#, Some("no template type `\\u{1b}[2J`")),
        (br#"{"type":-1,"fields":{}}"#, Some("no id of a template type")),
        (br#"{"type":1,"inputs":[]}"#, Some("supplies 23")),
        (br#"{"type":1,"inputs":[],"fields":{}}"#, Some("one of them")),
        (br#"{"inputs":[]}"#, Some("without a `type`")),
        (br#"{"Event":{}}"#, Some("without `System`")),
        (br#"{"id":4688,"channel":"Security","fields":{}}"#, Some("`Provider_Name` has no value")),
    ];
    let lines: Vec<&[u8]> = cases.iter().map(|(line, _)| *line).collect();
    let path = folder.write("events.jsonl", &lines.join(&b'\n'));
    let (printed, status) = folder.run(&path);
    assert_eq!(status, 3, "{printed}");
    for (number, (line, why)) in (1..).zip(cases) {
        let place = format!("{path}:{number}: unread: ");
        let told = printed.lines().find(|told| told.starts_with(&place));
        let line = String::from_utf8_lossy(&line[..line.len().min(80)]);
        match (told, why) {
            (Some(told), Some(why)) => assert!(told.contains(why), "{line}: {told}"),
            (told, why) => assert_eq!(told.is_some(), why.is_some(), "{line}: {told:?}"),
        }
    }
    let unread = cases.iter().filter(|(_, why)| why.is_some()).count();
    assert!(printed.contains(&format!("unread   {unread} could not be read")), "{printed}");
    assert!(printed.contains("1 of `Nowhere/Operational`"), "{printed}");
    assert!(printed.contains("1 value of `Image` of type 1, longer than 4096 bytes: cut there"), "{printed}");
    assert!(printed.contains("1 value of `ProcessId` of type 1, not of the type `integer`"), "{printed}");
    assert!(printed.contains(&format!("{path}:1: match[low]: d-0001  T\\u{{1b}}[31m, by A")), "{printed}");
}

#[test]
fn what_holds_no_event_says_nothing() {
    let folder = Folder::new();
    let empty = folder.0.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let zeros = folder.write("zeros.evtx", &[&b"ElfFile\0"[..], &vec![0; 4096 - 8 + 2 * 65_536]].concat());
    for (events, why) in [
        (folder.write("a.jsonl", b""), "no event was run"),
        (folder.write("b.jsonl", b"\n\n\n"), "no event was run"),
        (folder.write("c.jsonl.gz", &packed(b"")), "no event was run"),
        (folder.write("d.jsonl", br#"{"id":1,"channel":"Setup","fields":{}}"#), "1 of `Setup`"),
        (zeros, "no event was run"),
        (empty.to_str().unwrap().to_owned(), "holds no events"),
        (folder.0.path().join("no-such").to_str().unwrap().to_owned(), "no such file"),
    ] {
        let (printed, status) = folder.run(&events);
        assert_eq!(status, 3, "{events}: {printed}");
        assert!(printed.contains(why), "{why}: {printed}");
    }
}

#[test]
fn files_of_a_folder_that_are_none_of_events_are_counted() {
    let folder = Folder::new();
    let events = folder.0.path().join("events");
    fs::create_dir_all(events.join("below")).unwrap();
    folder.write("events/a.jsonl", GOOD);
    folder.write("events/below/a.json", GOOD);
    folder.write("events/README", b"");
    let (printed, status) = folder.run(events.to_str().unwrap());
    assert_eq!(status, 0, "{printed}");
    assert!(printed.contains("events   1 of 1 file; 2 files passed over, by name no events\n"), "{printed}");
    let known = ["check", &folder.content(), "-s", WINDOWS, "--known-good", events.to_str().unwrap()];
    let (printed, ..) = run(&known);
    assert!(printed.contains("2 files passed over, by name no events\n"), "{printed}");
}

#[test]
fn files_that_break_off_are_run_to_there_and_named() {
    let folder = Folder::new();
    let lines = [GOOD, b"\n"].concat().repeat(2000);
    let whole = packed(&lines);
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8].fill(0xff);
    let endless = [&lines[..], &vec![b'x'; 17 << 20]].concat();
    for (events, why) in [
        (folder.write("cut.gz", &whole[..whole.len() - 20]), "packed file is cut short"),
        (folder.write("damaged.gz", &damaged), "packed file is"),
        (folder.write("bomb.gz", &packed(&vec![b' '; 64 << 20])), "a line of more than 4194304 bytes"),
        (folder.write("endless.jsonl", &endless), "2001: unread: a line of more than 4194304 bytes"),
        (folder.write("utf16.jsonl", b"\xff\xfe{\0}\0"), "UTF-16"),
        (folder.write("head.evtx", b"ElfFile\0"), "ends within its header"),
        (folder.write("cut.evtx", &[&b"ElfFile\0"[..], &vec![0; 9000]].concat()), "ends within a chunk"),
        (folder.write("noise.evtx", &[&b"ElfFile\0"[..], &vec![0xa5; 4088 + 65_536]].concat()), "chunk 1: "),
        (folder.0.path().to_str().unwrap().to_owned(), "UTF-16"),
    ] {
        let (printed, status) = folder.run(&events);
        assert_eq!(status, 3, "{events}: {printed}");
        assert!(printed.contains(why), "{why}: {}", &printed[..printed.len().min(2000)]);
    }
}

#[test]
fn packed_and_marked_files_are_the_same_events() {
    let folder = Folder::new();
    let lines = [GOOD, b"\r\n"].concat().repeat(3000);
    let plain = folder.write("plain.jsonl", &lines);
    let marked = folder.write("marked.jsonl", &[b"\xef\xbb\xbf", &lines[..]].concat());
    let twice =
        folder.write("twice.jsonl.gz", &[packed(&lines[..45 * 100]), packed(&lines[45 * 100..])].concat());
    for path in [plain, marked, twice] {
        let (printed, status) = folder.run(&path);
        assert_eq!(status, 0, "{path}: {}", &printed[printed.len() - 300..]);
        let numbers: Vec<u64> = printed
            .lines()
            .filter_map(|line| line.strip_prefix(&format!("{path}:"))?.split(':').next()?.parse().ok())
            .collect();
        assert_eq!(numbers, (1..=3000).collect::<Vec<_>>(), "each event, in its order");
    }
}

#[test]
fn a_fault_is_told_with_its_event_and_place_and_refuses() {
    let folder = Folder::new();
    let with = |pipe: &str| {
        let mut inputs: Vec<String> = vec![format!("{pipe:?}"); 20];
        for (at, value) in [
            (2, "1"),
            (3, "1"),
            (4, "1"),
            (5, "1"),
            (9, "1"),
            (12, "1"),
            (13, "1"),
            (14, "1"),
            (15, "\"10.0.0.1\""),
            (16, "1"),
            (17, "1"),
        ] {
            inputs[at] = value.to_owned();
        }
        format!("{{\"type\": \"ipc\", \"inputs\": [{}]}}\n", inputs.join(", "))
    };
    let events = folder.write("events.jsonl", (with(r"\other") + &with(r"\ntsvcs_1")).as_bytes());
    let (stdout, stderr, status) = run(&["run", CONTENT, "-s", OLD, "-e", &events]);
    assert_eq!(status, 1, "{stdout}{stderr}");
    let fault = format!("{events}:2: fault[past-inputs]: instances[5].criteria[20]: ");
    assert!(stdout.contains(&fault) && stdout.matches("fault[").count() == 1, "{stdout}");
    let (json, _, status) = run(&["run", CONTENT, "-s", OLD, "-e", &events, "-o", "json"]);
    assert_eq!(status, 1);
    // The event that faulted is an event to run.
    let line = json.lines().find(|line| line.contains("\"past-inputs\"")).unwrap();
    let event = serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].to_string();
    let again = folder.write("again.jsonl", event.as_bytes());
    assert_eq!(run(&["run", CONTENT, "-s", OLD, "-e", &again]).2, 1);
}

#[test]
fn forms_agree_on_the_exit_status_and_a_file_is_whole() {
    let folder = Folder::new();
    let (content, events) = (folder.content(), folder.write("events.jsonl", GOOD));
    let out = folder.0.path().join("report.jsonl");
    let target = format!("json={}", out.display());
    let (stdout, _, status) =
        run(&["run", &content, "-s", WINDOWS, "-e", &events, "-o", "text", "-o", &target]);
    assert_eq!(status, 0, "{stdout}");
    let lines: Vec<serde_json::Value> =
        fs::read_to_string(&out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [first, event, last] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((&first["schema"], &event["matches"][0]["id"]), (&1.into(), &"d-0001".into()));
    assert_eq!((&event["number"], &last["totals"]["matched"]), (&1.into(), &1.into()));
    // What is read is not overwritten, and no old report is left by a run that does not finish.
    assert_eq!(run(&["run", &content, "-s", WINDOWS, "-e", &events, "-o", &format!("json={events}")]).2, 2);
    assert_eq!(fs::read(&events).unwrap(), GOOD);
    assert_eq!(run(&["run", &content, "-s", "no-such", "-e", &events, "-o", &target]).2, 3);
    assert!(fs::read_to_string(&out).unwrap().contains("incomplete"));
}

#[test]
fn a_report_is_not_written_where_the_next_run_would_read_it() {
    let folder = Folder::new();
    let content = folder.content();
    let events = folder.0.path().join("events");
    fs::create_dir_all(events.join("below")).unwrap();
    fs::write(events.join("one.jsonl"), GOOD).unwrap();
    let into = |place: &str| {
        let out = events.join(place);
        let target = format!("json={}", out.display());
        let (_, stderr, status) =
            run(&["run", &content, "-s", WINDOWS, "-e", events.to_str().unwrap(), "-o", &target]);
        (stderr, status, out.exists())
    };
    for place in ["report.jsonl", "below/report.jsonl"] {
        let (stderr, status, exists) = into(place);
        assert_eq!((status, exists), (2, false), "{stderr}");
        assert!(stderr.contains("the next one would read it too"), "{stderr}");
    }
    assert_eq!(into("../report.jsonl").1, 0);
}

#[test]
fn standard_input_is_a_file_of_events() {
    let folder = Folder::new();
    let events = fs::File::open(folder.write("events.jsonl", GOOD)).unwrap();
    let mut command = contentgate();
    command.args(["run", &folder.content(), "-s", WINDOWS, "-e", "-"]).stdin(events);
    let (stdout, _, status) = seen(command.output().unwrap());
    assert_eq!(status, 0);
    assert!(stdout.starts_with("-:1: match[low]"), "{stdout}");
}

#[cfg(unix)]
#[test]
fn a_report_that_nobody_takes_ends_the_run() {
    let folder = Folder::new();
    let events = folder.write("events.jsonl", &[GOOD, b"\n"].concat().repeat(20_000));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = contentgate();
    command.args(["run", &folder.content(), "-s", WINDOWS, "-e", &events]).stdout(writer);
    let (_, stderr, status) = seen(command.output().unwrap());
    assert_eq!((status, stderr.as_str()), (3, ""));
}

#[test]
fn sysmon_says_what_is_logged_and_by_which_rule() {
    let folder = Folder::new();
    let blob = folder.write("rules.xml", br#"<Sysmon schemaversion="4.50"><EventFiltering>
        <ProcessCreate onmatch="include"><Image name="shells" condition="image">cmd.exe</Image></ProcessCreate>
        </EventFiltering></Sysmon>"#);
    let events = folder.write(
        "events.jsonl",
        br#"{"id": 1, "fields": {"Image": "C:\\Windows\\cmd.exe"}}
{"id": 1, "fields": {"Image": "C:\\a.exe"}}
{"id": 5, "fields": {"Image": "C:\\a.exe"}}"#,
    );
    let (stdout, stderr, status) = run(&["run", &blob, "-s", "sysmon:4.50", "-e", &events]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(stdout.contains(&format!("{events}:1: logged[shells]")), "{stdout}");
    assert!(stdout.contains("       1  1    dropped  (by default)"), "{stdout}");
    let wrong = run(&["run", &blob, "-s", WINDOWS, "-e", &events]);
    assert_eq!(wrong.2, 2, "{wrong:?}");
}

#[test]
fn a_file_of_something_else_is_told_soon_and_counted_whole() {
    let folder = Folder::new();
    let events = folder.write("events.jsonl", &b"[\n".repeat(300_000));
    let (printed, status) = folder.run(&events);
    assert_eq!(status, 3);
    assert_eq!(printed.matches(": unread: ").count(), 101);
    assert!(printed.contains("unread   300000 could not be read"), "{}", &printed[printed.len() - 300..]);
}
