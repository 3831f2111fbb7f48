//! What developers and CI run: `cargo xtask ci | new-rule | bless | arrows`. CI runs nothing that a developer cannot.
#![forbid(unsafe_code)]

mod arrows;
mod ci;
mod new_rule;
mod oss_fuzz;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask ci [STEP]...            every check that must pass, or only the named ones
cargo xtask new-rule FAMILY NAME    a new validator rule: check, page, fixtures, line in the list
cargo xtask bless                   rewrite every blessed output; look at the difference before you commit it
cargo xtask arrows                  show the crates and hold them to the arrows of the design";

type Result<T = ()> = std::result::Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["ci", steps @ ..] => ci::run_named(steps),
        ["new-rule", family, name] => new_rule::run(family, name),
        ["bless"] => run(cargo().args(["test", "--workspace"]).env("BLESS", "1")),
        ["arrows"] => arrows::run(),
        _ => Err(HELP.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The cargo that runs us, in the workspace.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a command; its failure is ours.
fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}

/// Runs a command for what it prints.
fn output(command: &mut Command) -> Result<String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
    }
}
