//! `contentgate contract`: what a sensor says of itself.

use crate::exit::{Done, Exit, Failure};
use crate::input;
use crate::output::{Terminal, replace_file, shown, write_file, write_to};
use channel_contract::sysmon::{self, Target};
use channel_contract::{MAX_FILE, binary, diff, lint, toml};
use channel_validators::report::Escaped;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Extract, import, lint, compare and seal sensor contracts.
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
    /// Turn Sysmon's manifest into contracts, one for each of its schema versions.
    Import {
        /// The manifest (XML).
        manifest: PathBuf,
        /// Only this schema version: 4.50.
        #[arg(long, value_name = "VERSION")]
        schema: Option<String>,
        /// Only what is there on this system.
        #[arg(long, value_name = "SYSTEM", value_parser = ["win", "linux"])]
        target: Option<String>,
        /// A folder for a file each; without it, one schema goes to standard output.
        #[arg(long, short, value_name = "FOLDER")]
        output: Option<PathBuf>,
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
            write_to(output.as_deref(), text.as_bytes(), terminal)?;
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
        Verb::Import { manifest, schema, target, output } => {
            import(manifest, schema.as_deref(), target.as_deref(), output.as_deref(), terminal)
        }
        Verb::Seal { binary: path } => {
            let bytes = input::read(path, MAX_FILE)?;
            let sealed = binary::seal(&bytes).map_err(|error| Failure::file(path, error))?;
            replace_file(path, &sealed)?;
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

fn import(
    manifest: &Path,
    schema: Option<&str>,
    target: Option<&str>,
    output: Option<&Path>,
    terminal: &mut Terminal,
) -> Done {
    let bytes = input::read(manifest, sysmon::MAX_MANIFEST as u64)?;
    let schema = match schema.map(str::parse) {
        Some(Err(_)) => return Err(Failure::wrong_use("--schema takes a version such as 4.50")),
        Some(Ok(version)) => Some(version),
        None => None,
    };
    let target = target.and_then(Target::from_word).unwrap_or_default();
    let contracts = sysmon::import(&bytes, schema, target).map_err(|error| Failure::file(manifest, error))?;
    match (output, contracts.as_slice()) {
        (Some(folder), contracts) => {
            std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
            for contract in contracts {
                let path = folder.join(format!("{}.toml", contract.sensor.version));
                write_file(&path, toml::print(contract).as_bytes())?;
                writeln!(terminal, "wrote    {}   {}", shown(&path), Escaped(&contract.label()))?;
            }
        }
        (None, [contract]) => terminal.write_all(toml::print(contract).as_bytes())?,
        (None, contracts) => {
            let n = contracts.len();
            let which = format!(
                "the manifest has {n} schema versions: name one with --schema, or a folder with --output"
            );
            return Err(Failure::wrong_use(which));
        }
    }
    Ok(Exit::Pass)
}
