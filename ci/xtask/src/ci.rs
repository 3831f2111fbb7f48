//! `ci`: every check that keeps a promise, in the order in which they fail fastest. Each prints its own closing lines.

use crate::{Result, cargo, root, run};
use std::process::Command;
use std::time::Instant;

type Step = (&'static str, &'static str, fn() -> Result);

/// The steps: a name, the promise, and what checks it.
const STEPS: [Step; 12] = [
    ("fmt", "one style", || run(cargo().args(["fmt", "--all", "--check"]))),
    ("clippy", "no warning of the compiler or the linter", || {
        run(cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ]))
    }),
    ("test", "every other promise that a test keeps, the arrows and the blessed outputs among them", || {
        run(cargo().args(["test", "--workspace"]))
    }),
    ("docs", "every public item is documented, and its links lead somewhere", || {
        run(cargo()
            .args(["doc", "--workspace", "--no-deps", "--all-features"])
            .env("RUSTDOCFLAGS", "-D warnings"))
    }),
    ("arrows", "the rooms know only whom they may know", crate::arrows::run),
    ("no-std", "the reader builds without std and without an allocator", no_std),
    ("panic-free", "the reader links no panic", || script("ci/panic-free.sh", &[])),
    ("fuzz", "every fuzz target builds on stable, runs, and finds nothing in some seconds", || {
        script("ci/fuzz-smoke.sh", &[])
    }),
    ("oss-fuzz", "OSS-Fuzz can build every fuzz target, and finds what it needs to run each", || {
        crate::oss_fuzz::compiler()?;
        script("ci/oss-fuzz/rehearse.sh", &[])
    }),
    ("planted", "every planted bug is found by the target that is for it", || script("ci/planted.sh", &[])),
    ("readme", "what README.md shows first is what one sees", readme),
    ("bench", "every benchmark runs", || {
        run(cargo().args(["bench", "-p", "channel-benches", "--", "--test"]))
    }),
];

/// Runs the named steps, or all.
pub fn run_steps(steps: &[&Step]) -> Result {
    for (name, promise, step) in steps {
        println!("\n== {name}: {promise}");
        let start = Instant::now();
        step().map_err(|why| format!("{name} failed: {why}"))?;
        println!("== {name}: kept, {} s", start.elapsed().as_secs());
    }
    println!("\nci: kept all {} steps that were asked for, of {} that there are", steps.len(), STEPS.len());
    Ok(())
}

/// Runs the steps with these names; without a name, all.
pub fn run_named(names: &[&str]) -> Result {
    for name in names {
        if !STEPS.iter().any(|(known, ..)| known == name) {
            let known: Vec<_> = STEPS.iter().map(|(name, ..)| *name).collect();
            return Err(format!("there is no step `{name}`: {} are", known.join(", ")));
        }
    }
    let chosen = STEPS.iter().filter(|(name, ..)| names.is_empty() || names.contains(name));
    run_steps(&chosen.collect::<Vec<_>>())
}

fn script(path: &str, arguments: &[&str]) -> Result {
    run(Command::new("bash").arg(root().join(path)).args(arguments).current_dir(root()))
}

fn no_std() -> Result {
    run(cargo().args(["build", "-p", "channel-parser", "--no-default-features"]))?;
    script("ci/no-std.sh", &[])
}

/// Runs the first command of the README, which checks content that must be refused.
fn readme() -> Result {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let command = text.lines().find(|line| line.starts_with("cargo run ")).ok_or("README.md runs nothing")?;
    let arguments = command.split_whitespace().skip(1);
    let status = cargo().args(arguments).status().map_err(|error| error.to_string())?;
    match status.code() {
        Some(1) => Ok(()),
        _ => Err(format!("`{command}` should have been refused with exit status 1: {status}")),
    }
}
