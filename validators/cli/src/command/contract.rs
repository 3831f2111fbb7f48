//! `contentgate contract`: what a sensor says of itself.

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::{Terminal, shown, write_file};
use channel_contract::{MAX_FILE, binary, diff, lint, toml};
use channel_validators::report::Escaped;
use std::io::Write;
use std::path::PathBuf;

/// Extract, lint, compare and seal sensor contracts.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Show the contract that a sensor binary carries, as TOML.
    Extract {
        /// A sensor binary: ELF, PE or Mach-O.
        binary: PathBuf,
        /// Where the TOML goes instead of standard output.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Find contracts that contradict themselves: inputs supplied and fields defined first of all.
    Lint {
        /// Sensor binaries, contracts as TOML, or folders of them.
        #[arg(required = true, value_name = "SENSOR")]
        sensors: Vec<PathBuf>,
    },
    /// Show what changed from one contract to another, and what of it breaks content.
    Diff {
        /// The sensor before.
        old: PathBuf,
        /// The sensor after.
        new: PathBuf,
    },
    /// Fill in the checksums of a contract whose compiler could not compute them.
    Seal {
        /// A sensor binary; it is replaced.
        binary: PathBuf,
    },
}

/// Runs it.
pub fn run(args: &Args, terminal: &mut Terminal) -> Done {
    match &args.verb {
        Verb::Extract { binary, output } => {
            let text = toml::print(&input::contract(binary)?);
            match output {
                Some(output) => write_file(output, text.as_bytes())?,
                None => terminal.write_all(text.as_bytes())?,
            }
            Ok(Exit::Pass)
        }
        Verb::Lint { sensors } => lint_all(sensors, terminal),
        Verb::Diff { old, new } => {
            let changes = diff(&input::contract(old)?, &input::contract(new)?);
            for change in &changes {
                writeln!(terminal, "{}", Escaped(&change.to_string()))?;
            }
            if changes.is_empty() {
                writeln!(terminal, "no change")?;
            }
            Ok(if changes.is_empty() { Exit::Pass } else { Exit::Refused })
        }
        Verb::Seal { binary: path } => {
            let bytes = input::read(path, MAX_FILE)?;
            let sealed = binary::seal(&bytes).map_err(|error| Failure::file(path, error))?;
            write_file(path, &sealed)?;
            writeln!(terminal, "sealed   {}", shown(path))?;
            Ok(Exit::Pass)
        }
    }
}

fn lint_all(sensors: &[PathBuf], terminal: &mut Terminal) -> Done {
    let mut refused = false;
    for member in input::fleet(sensors)? {
        let findings = lint(&member.contract);
        for finding in &findings {
            writeln!(terminal, "{}: {}", Escaped(&member.origin), Escaped(&finding.to_string()))?;
        }
        if findings.is_empty() {
            writeln!(
                terminal,
                "{}: no contradiction in {}",
                Escaped(&member.origin),
                Escaped(&member.contract.label())
            )?;
        }
        refused |= !findings.is_empty();
    }
    Ok(if refused { Exit::Refused } else { Exit::Pass })
}
