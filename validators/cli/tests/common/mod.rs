//! What the tests of the command line share.
#![allow(dead_code, reason = "each test uses some of it")]

use channel_contract::testing::{Built, Case, Unbuilt, compile};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether blessed outputs are to be rewritten.
pub fn blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// The program, in the workspace, in an environment that is the same everywhere.
pub fn contentgate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contentgate"));
    command.current_dir(root()).env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR").env_remove("TERM");
    command
}

/// What a run printed, and its exit status.
pub fn run(arguments: &[&str]) -> (String, String, i32) {
    seen(contentgate().args(arguments).output().unwrap())
}

/// What an output shows.
pub fn seen(output: Output) -> (String, String, i32) {
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code().expect("no signal"))
}

/// Compares a blessed file with what it should hold, or rewrites it.
pub fn blessed(path: &Path, found: &[u8]) {
    if blessing() {
        std::fs::write(path, found).unwrap();
    }
    let expected = std::fs::read(path).unwrap_or_default();
    assert!(
        expected == found,
        "{} is not what comes out now; look at the difference after `cargo xtask bless`:\n{}",
        path.display(),
        String::from_utf8_lossy(found)
    );
}

/// Says what did not run, past the capture of the test runner: one who runs the tests must see it.
pub fn not_run(what: std::fmt::Arguments<'_>) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "\n{what}");
}

/// A consumer that does one thing wrong, which its argument names; nothing if there is no compiler.
pub fn misbehaving() -> Option<&'static Built> {
    static BUILT: OnceLock<Option<Built>> = OnceLock::new();
    let make = || {
        let case = Case { name: "misbehaving consumer", steps: &["cc -std=c11 -pthread {c} {src} -o {out}"] };
        let source = root().join("corpus/consumers/misbehaving/misbehaving.c");
        match compile(&case, &source.display().to_string(), &[]) {
            Ok(built) => Some(built),
            Err(Unbuilt::Absent(tool)) => {
                not_run(format_args!("not run: misbehaving consumers, for there is no {tool}"));
                None
            }
            Err(Unbuilt::Failed(output)) => panic!("{output}"),
        }
    };
    BUILT.get_or_init(make).as_ref()
}
