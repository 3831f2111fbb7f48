//! Whatever is handed in, there is a clear error, the right exit status, no panic, and no raw byte on the terminal.

mod common;

use common::{contentgate, root, run, seen};
use std::fs::{self, File};
use std::path::Path;

const SENSOR: &str = "corpus/incidents/channel-file-291/sensor-7.15.toml";

fn content() -> Vec<u8> {
    fs::read(root().join("corpus/incidents/channel-file-291/C-00000291-00000000-00000032.sys")).unwrap()
}

/// Checks a file of these bytes; what is printed, and the exit status.
fn check(bytes: &[u8]) -> (String, i32) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content");
    fs::write(&path, bytes).unwrap();
    checked(&path)
}

fn checked(path: &Path) -> (String, i32) {
    let (stdout, stderr, status) = run(&["check", path.to_str().unwrap(), "--sensor", SENSOR]);
    let printed = stdout + &stderr;
    assert!(printed.chars().all(|c| c == '\n' || !c.is_control()), "{printed:?}");
    (printed, status)
}

#[test]
fn damaged_files_are_refused_by_the_rule_for_the_damage() {
    let whole = content();
    let (half, longer) = (&whole[..whole.len() / 2], [whole.as_slice(), b"\0"].concat());
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let mut torn = whole.clone();
    torn[whole.len() / 2..].fill(0);
    let cases: [(&[u8], &str); 9] = [
        (b"", "CG101"),
        (&[0; 4096], "CG102"),
        (b"MZ\x90\0\x1b]0;owned\x07", "CG103"),
        (b"\x1b[2J\x1b]0;owned\x07::error::", "CG103"),
        (&whole[..20], "CG105"),
        (half, "CG105"),
        (&longer, "CG105"),
        (&flipped, "CG106"),
        (&torn, "CG106"),
    ];
    for (bytes, code) in cases {
        let (printed, status) = check(bytes);
        assert_eq!(status, 1, "{printed}");
        assert_eq!(printed.matches("error[").count(), 1, "{printed}");
        assert!(printed.contains(&format!("error[{code}]")), "{code}: {printed}");
    }
}

#[test]
fn wrong_arguments_are_shown_without_what_steers_a_terminal() {
    for arguments in [
        &["che\nck\x1b[31m"][..],
        &["check", "--se\x1b[31m\nnsor"],
        &["check", "a", "--consumer-seconds", "\x1b]0;owned\x07\n"],
    ] {
        let (_, stderr, status) = run(arguments);
        assert_eq!(status, 2, "{stderr}");
        assert!(stderr.contains(r"\u{1b}"), "{stderr}");
        assert!(stderr.chars().all(|c| c == '\n' || !c.is_control()), "{stderr:?}");
    }
    assert!(run(&["che\nck"]).1.contains(r"'che\nck'"));
}

#[test]
fn what_cannot_be_read_cannot_be_judged() {
    let folder = tempfile::tempdir().unwrap();
    let sparse = folder.path().join("sparse");
    File::create(&sparse).unwrap().set_len(1 << 30).unwrap();
    for (path, why) in [
        (folder.path().join("missing"), "no such file"),
        (folder.path().to_path_buf(), "is a folder"),
        (sparse, "too long to be read: 1073741824 bytes"),
    ] {
        let (printed, status) = checked(&path);
        assert_eq!(status, 3, "{printed}");
        assert!(printed.contains(why), "{why}: {printed}");
        assert!(!printed.contains("PASS"), "{printed}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_or_does_not_end_cannot_be_judged() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, content()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        common::not_run(format_args!("not run: this user may read every file"));
    } else {
        let (printed, status) = checked(&path);
        assert_eq!(status, 3);
        assert!(printed.contains("permission denied"), "{printed}");
    }
    let (printed, status) = checked(Path::new("/dev/zero"));
    assert_eq!(status, 3);
    assert!(printed.contains("too long to be read"), "{printed}");
}

#[test]
fn hostile_names_are_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("\x1b[31m\u{202e}evil\n::error::");
    if fs::write(&path, content()).is_err() {
        common::not_run(format_args!("not run: the file system refuses such names"));
        return;
    }
    let (printed, status) = checked(&path);
    assert_eq!(status, 0, "{printed}");
    assert!(printed.contains("\\u{1b}[31m\\u{202e}evil\\n::error::"), "{printed}");
}

#[test]
fn without_a_sensor_there_is_no_pass() {
    let file = "corpus/incidents/channel-file-291/C-00000291-00000000-00000032.sys";
    assert_eq!(run(&["check", file]).2, 3);
    assert_eq!(run(&["check", file, "--structure-only"]).2, 0);
    let empty = tempfile::tempdir().unwrap();
    let (_, stderr, status) = run(&["check", file, "--sensor", empty.path().to_str().unwrap()]);
    assert_eq!(status, 3, "{stderr}");
}

#[test]
fn wrong_use_is_told_apart() {
    for arguments in [
        &["check"][..],
        &["check", "x", "--output", "yaml"],
        &["explain", "CG999"],
        &["check", "a", "b", "--source-map", "m"],
        &["no-such-command"],
    ] {
        assert_eq!(run(arguments).2, 2, "{arguments:?}");
    }
}

#[test]
fn a_rule_that_there_is_not_is_said_to_be_none_whatever_follows() {
    for file in [&[][..], &["README.md"]] {
        let (_, stderr, status) = run(&[&["explain", "CG999"], file].concat());
        assert!(status == 2 && stderr.contains("there is no rule `CG999`"), "{status} {stderr}");
    }
}

#[test]
fn text_and_json_agree_on_the_exit_status() {
    let folder = "corpus/incidents/channel-file-291";
    for (revision, sensor) in [(32, "7.11"), (33, "7.11"), (33, "7.15")] {
        let file = format!("{folder}/C-00000291-00000000-000000{revision}.sys");
        let sensor = format!("{folder}/sensor-{sensor}.toml");
        let text = run(&["check", &file, "--sensor", &sensor]).2;
        let (stdout, _, json) = run(&["check", &file, "--sensor", &sensor, "--output", "json"]);
        assert_eq!(text, json);
        assert!(stdout.starts_with("{\"schema\":1,"), "{stdout}");
    }
}

#[cfg(unix)]
#[test]
fn a_report_that_nobody_takes_is_no_pass() {
    let file = "corpus/incidents/channel-file-291/C-00000291-00000000-00000032.sys";
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = contentgate();
    let (_, stderr, status) =
        seen(command.args(["check", file, "--sensor", SENSOR]).stdout(writer).output().unwrap());
    assert_eq!(status, 3, "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn an_output_file_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("verdict.json");
    let file = "corpus/incidents/channel-file-291/C-00000291-00000000-00000033.sys";
    let target = format!("json={}", out.display());
    assert_eq!(run(&["check", file, "--sensor", SENSOR, "--output", &target]).2, 0);
    assert!(fs::read_to_string(&out).unwrap().ends_with("}\n"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = folder.path().join("no/such/folder.json");
    let target = format!("json={}", nowhere.display());
    assert_eq!(run(&["check", file, "--sensor", SENSOR, "--output", &target]).2, 3);
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let file = "corpus/incidents/channel-file-291/C-00000291-00000000-00000032.sys";
    let (stdout, _, status) = run(&["check", file, "no-such-file", "--sensor", SENSOR]);
    assert_eq!(status, 3);
    assert!(stdout.contains(&format!("checked  {file}")), "{stdout}");
    assert!(stdout.contains("not read no-such-file: no such file"), "{stdout}");
    let (stdout, _, _) = run(&["check", file, "no-such-file", "--sensor", SENSOR, "-o", "json"]);
    assert!(stdout.contains("\"unread\":[{\"file\":\"no-such-file\""), "{stdout}");
}

#[test]
fn what_a_run_reads_it_does_not_overwrite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content");
    fs::write(&path, content()).unwrap();
    let name = path.to_str().unwrap();
    let (_, stderr, status) = run(&["check", name, "--sensor", SENSOR, "-o", &format!("json={name}")]);
    assert_eq!(status, 2, "{stderr}");
    assert_eq!(run(&["text", name, "-o", name]).2, 2);
    assert_eq!(fs::read(&path).unwrap(), content());
}

#[test]
fn a_run_that_does_not_finish_leaves_no_old_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("verdict.json");
    fs::write(&out, "{\"verdict\":\"pass\"}").unwrap();
    let target = format!("json={}", out.display());
    let file = "corpus/incidents/channel-file-291/C-00000291-00000000-00000032.sys";
    assert_eq!(run(&["check", file, "--sensor", "no-such-sensor", "-o", &target]).2, 3);
    assert!(fs::read_to_string(&out).unwrap().contains("\"verdict\":\"incomplete\""));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_device_a_device() {
    use std::os::unix::fs::FileTypeExt;
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    fs::write(&file, "").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let content = "corpus/incidents/channel-file-291/C-00000291-00000000-00000032.sys";
    assert_eq!(run(&["text", content, "-o", link.to_str().unwrap()]).2, 0);
    assert!(link.is_symlink() && fs::read_to_string(&file).unwrap().starts_with("channel-file 1"));
    assert_eq!(run(&["text", content, "-o", "/dev/null"]).2, 0);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}
