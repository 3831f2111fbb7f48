//! The way in: TOML or a binary by content, a folder with nothing skipped, and errors that say where.
#![cfg(all(feature = "toml", feature = "binary"))]

use channel_contract::*;
use std::fs;

const OLD: &str = include_str!("contracts/sensor-7.11.toml");

#[test]
fn a_folder_shows_every_entry_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("b.toml", OLD.as_bytes());
    write("a-without-extension", OLD.as_bytes());
    write(".hidden", b"\0");
    write("c.exe", b"MZ");
    write("d.txt", b"see the wiki");
    fs::create_dir(folder.path().join("e")).unwrap();
    let seen: Vec<_> = load_folder(folder.path())
        .unwrap()
        .into_iter()
        .map(|(path, result)| {
            (path.file_name().unwrap().to_owned(), result.map(|c| c.label()).map_err(|e| e.kind))
        })
        .map(|(name, result)| format!("{}: {result:?}", name.display()))
        .collect();
    assert_eq!(
        seen,
        [
            ".hidden: Err(NeitherTextNorBinary)",
            "a-without-extension: Ok(\"example-sensor 7.11 windows\")",
            "b.toml: Ok(\"example-sensor 7.11 windows\")",
            "c.exe: Err(Binary)",
            "d.txt: Err(Text)",
            "e: Err(Unreadable)",
        ]
    );
}

#[test]
fn what_would_check_nothing_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(load_folder(folder.path()).unwrap_err().kind, ErrorKind::Unreadable);
    assert_eq!(load_folder(folder.path().join("absent")).unwrap_err().kind, ErrorKind::Unreadable);
    assert_eq!(load(folder.path()).unwrap_err().kind, ErrorKind::Unreadable);
    assert_eq!(load(folder.path().join("absent")).unwrap_err().kind, ErrorKind::Unreadable);
}

#[test]
fn a_binary_without_a_contract_says_so() {
    let own = fs::read(std::env::current_exe().unwrap()).unwrap();
    assert_eq!(load_bytes(&own).unwrap_err().kind, ErrorKind::NoSection);
}

#[test]
fn errors_in_text_say_where() {
    let error = |from: &str, to: &str| {
        assert!(OLD.contains(from), "{from}");
        toml::parse(&OLD.replacen(from, to, 1)).unwrap_err().to_string()
    };
    let messages = [
        error("interpreter = 3\n", ""),
        error("interpreter = 3", "interpreter = -3"),
        error("interpreter = 3", "interpreter = 3\ninterpreter = 4"),
        error("interpreter = 3", "colour = 1\ninterpreter = 3"),
        error("\"glob\"", "\"globb\""),
        error("\"glob\"", "\"exact\""),
        error("part = 32", "part = 0"),
        error("part = 32", "part = 300"),
        error("part = 32\n", ""),
        error("file_bytes = 4194304", "file_bytes = \"4194304\""),
        error("file_bytes = 4194304", "file_bytes = 1.5"),
        error("supplied = 20\n", ""),
        error("supplied = 20", "supplied = 4294967296"),
        error("input = \"address\"", "input = \"adress\""),
        error("input = \"address\"", "input = \"address\", max_bytes = 4"),
        error("input = \"text\", max_bytes = 512", "input = \"text\""),
        error("nullable = true", "nullable = \"yes\""),
        error("\"PipeName\"", "\"Pipe\\u001bName\""),
        error("\"PipeName\"", "\"Pipe\u{202e}Name\""),
        error("[sensor]", "[sensor"),
        toml::parse(&format!("{OLD}\n{}", &OLD[OLD.find("[[types]]").unwrap()..])).unwrap_err().to_string(),
        toml::parse("").unwrap_err().to_string(),
        toml::parse("\u{1b}]0;title\u{7}").unwrap_err().to_string(),
        toml::parse(&"[".repeat(100_000)).unwrap_err().to_string(),
        toml::parse(&format!("operators = {}", "[".repeat(100_000))).unwrap_err().to_string(),
        error("interpreter = 3", "\"\\u001b\\u202e\" = 1"),
    ];
    assert!(messages.iter().all(|message| !message.chars().any(char::is_control)), "{messages:#?}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/messages/toml.txt");
    let found = messages.join("\n") + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &found).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), found);
}
