//! Files that are made in numbers: where they go, by which seeds, and how each is told of.

use crate::exit::Failure;
use crate::output::{Terminal, reason, shown, write_file};
use channel_smith::Seed;
use channel_validators::digest;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// How many, by which seeds, and where they go.
#[derive(clap::Args)]
pub struct Options {
    /// The number that the first file is made by; the next has the next number. The same number makes the same file.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many files.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// An object a line instead of text: a list for other programs.
    #[arg(long)]
    pub json: bool,
}

/// What is told of a file that was made.
#[derive(Serialize)]
struct Made {
    file: String,
    /// What makes it again.
    seed: u64,
    bytes: usize,
    sha256: String,
    #[serde(flatten)]
    broken: Option<MustBeFound>,
}

/// What is wrong with a file that was broken.
#[derive(Serialize)]
pub struct MustBeFound {
    /// How it was broken.
    pub way: &'static str,
    /// The rule that must find it ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// ... or how it must be refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<&'static str>,
    /// Where: the path of the finding starts with this.
    pub place: String,
}

/// A file, before it is written.
pub struct File {
    pub bytes: Vec<u8>,
    /// What its name ends with.
    pub ending: String,
    /// What is wrong with it; nothing if it is as it should be.
    pub broken: Option<MustBeFound>,
}

impl Options {
    /// Makes each file and writes it: to the output itself if it is one file, into it if it is a folder. `stem` is what
    /// the names in a folder begin with.
    pub fn run(
        &self,
        output: &Path,
        stem: &str,
        terminal: &mut Terminal,
        mut make: impl FnMut(u64) -> Result<File, Failure>,
    ) -> Result<(), Failure> {
        let last = self.seed.checked_add(self.count - 1);
        let last = last.ok_or_else(|| Failure::wrong_use("--seed and --count go past the largest number"))?;
        let folder = self.folder(output)?;
        for seed in self.seed..=last {
            let File { bytes, ending, broken } = make(seed)?;
            let way = broken.as_ref().map(|broken| format!("-{}", broken.way)).unwrap_or_default();
            let path = match &folder {
                Some(folder) => folder.join(format!("{stem}-{seed}{way}.{ending}")),
                None => output.to_path_buf(),
            };
            write_file(&path, &bytes)?;
            let (file, sha256) = (path.display().to_string(), digest(&bytes));
            self.tell(&path, &Made { file, seed, bytes: bytes.len(), sha256, broken }, terminal)?;
        }
        Ok(())
    }

    /// The folder that they go to; `None` if there is one file and it has the name of the output.
    fn folder(&self, output: &Path) -> Result<Option<PathBuf>, Failure> {
        let named = output.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
        if self.count == 1 && !named && !output.is_dir() {
            return Ok(None);
        }
        if output.exists() && !output.is_dir() {
            let why = format!("{}: is a file; --output names a folder for several", output.display());
            return Err(Failure::wrong_use(why));
        }
        let made = std::fs::create_dir_all(output);
        made.map_err(|error| Failure::file(output, format!("cannot be a folder: {}", reason(&error))))?;
        Ok(Some(output.to_path_buf()))
    }

    fn tell(&self, path: &Path, made: &Made, terminal: &mut Terminal) -> Result<(), Failure> {
        if self.json {
            serde_json::to_writer(&mut *terminal, made).map_err(Failure::cannot)?;
            writeln!(terminal)?;
            return Ok(());
        }
        write!(terminal, "wrote    {}   {} bytes", shown(path), made.bytes)?;
        if let Some(broken) = &made.broken {
            let at = if broken.place.is_empty() { String::new() } else { format!(" at {}", broken.place) };
            match (&broken.rule, broken.refusal) {
                (Some(rule), _) => write!(terminal, "   {}: {rule} must find it{at}", broken.way)?,
                (_, refusal) => {
                    let why = refusal.unwrap_or_default();
                    write!(terminal, "   {}: must be refused{at}, as {why}", broken.way)?;
                }
            }
        }
        writeln!(terminal)?;
        Ok(())
    }
}

/// Bytes of choices for one try.
const CHOICES: usize = 1 << 14;

/// The first of some tries under one number that comes to something.
pub fn tried<T>(seed: u64, tries: u64, mut make: impl FnMut(&Seed) -> Option<T>) -> Option<T> {
    (0..tries).find_map(|nth| make(&Seed::nth(seed, nth, CHOICES)))
}
