//! What leaves the program: the terminal and files. Files are written beside and then renamed, so that none is ever
//! half there.

use crate::exit::Failure;
use crate::input;
use channel_validators::report::{Escaped, Look};
use clap::ValueEnum;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// How output looks, the same for every command.
#[derive(clap::Args)]
#[command(next_help_heading = "Look")]
pub struct Options {
    /// When to colour: `NO_COLOR` and a dumb terminal switch `auto` off.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: When,
    /// Draw with ASCII characters only; the default where the locale has no UTF-8.
    #[arg(long, global = true)]
    ascii: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// Standard output, and how it may look.
pub struct Terminal {
    out: BufWriter<StdoutLock<'static>>,
    /// How output may look.
    pub look: Look,
}

impl Terminal {
    /// Looks at the options and the environment.
    pub fn new(options: &Options) -> Self {
        let stdout = io::stdout();
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colour = match options.color {
            When::Always => true,
            When::Never => false,
            When::Auto => stdout.is_terminal() && !set("NO_COLOR") && !dumb,
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        let unicode = locale.is_none_or(|locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        let ascii = options.ascii || dumb || !unicode;
        Self { out: BufWriter::new(stdout.lock()), look: Look { colour, ascii } }
    }

    /// Writes what is left. A report that could not be written whole was not given.
    pub fn finish(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(Failure::from)
    }
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl From<io::Error> for Failure {
    /// An error of standard output: of files, [`write_file`] says which.
    fn from(error: io::Error) -> Self {
        // Whoever closes a pipe has seen enough, and need not be told.
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::silent();
        }
        Self::cannot(format!("the output could not be written: {}", reason(&error)))
    }
}

/// One line on standard error that says how far it is; only for somebody who waits.
pub struct Progress {
    shown: bool,
    /// When it was last shown, or the run began.
    last: Instant,
    /// Whether somebody waits.
    pub wanted: bool,
}

impl Progress {
    pub fn new() -> Self {
        Self { shown: false, last: Instant::now(), wanted: io::stderr().is_terminal() }
    }

    /// Shows it, if it was not shown just now.
    pub fn show(&mut self, how_far: impl FnOnce() -> String) {
        const EVERY: Duration = Duration::from_millis(300);
        if self.wanted && self.last.elapsed() > EVERY {
            let _ = write!(io::stderr(), "\r{}\x1b[K", how_far());
            (self.shown, self.last) = (true, Instant::now());
        }
    }

    /// Makes room for what is written after it.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Writes a file whole or not at all. What this run has read is not overwritten: a name typed twice would lose it.
///
/// A name that leads to something other than a file (a device, a pipe) is written through; a link stays one.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if input::was_read(path) {
        return Err(Failure::wrong_use(format!(
            "{}: is read by this run, and not overwritten",
            path.display()
        )));
    }
    if let Some(folder) = input::folder_read(path) {
        return Err(Failure::wrong_use(format!(
            "{}: lies in {}, which this run reads: the next one would read it too; write it elsewhere",
            path.display(),
            folder.display()
        )));
    }
    replace_file(path, bytes)
}

/// As [`write_file`], for a file that is meant to be replaced.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::file(path, format!("could not be written: {}", reason(&error)));
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    match std::fs::metadata(&target) {
        Ok(data) if data.is_dir() => return Err(Failure::file(path, "is a folder; name a file in it")),
        Ok(data) if !data.is_file() => {
            let mut through = std::fs::OpenOptions::new().write(true).open(&target).map_err(failed)?;
            return through.write_all(bytes).map_err(failed);
        }
        _ => {}
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new().prefix(".contentgate-").tempfile_in(folder).map_err(failed)?;
    beside.write_all(bytes).map_err(failed)?;
    beside.as_file().sync_all().map_err(failed)?;
    readable(beside.as_file()).map_err(failed)?;
    beside.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes to a file, or to standard output for `-` or nothing.
pub fn write_to(path: Option<&Path>, bytes: &[u8], terminal: &mut Terminal) -> Result<(), Failure> {
    match path.filter(|path| *path != Path::new("-")) {
        Some(path) => write_file(path, bytes),
        None => Ok(terminal.write_all(bytes)?),
    }
}

/// An error in words, without names that are only ours and without the number of the operating system.
pub fn reason(error: &io::Error) -> String {
    let text = error
        .raw_os_error()
        .map_or_else(|| error.to_string(), |n| io::Error::from_raw_os_error(n).to_string());
    let text = if error.raw_os_error().is_none() && error.get_ref().is_some() {
        error.kind().to_string()
    } else {
        text
    };
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// A temporary file is only for its owner; what is written for others to take up is not.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}

/// A path for messages.
pub fn shown(path: &Path) -> String {
    Escaped(&path.display().to_string()).to_string()
}

/// One `--output FORMAT[=FILE]`.
#[derive(Clone, Debug)]
pub struct Target {
    /// The report's form.
    pub format: Format,
    /// Where it goes; standard output if nowhere.
    pub file: Option<PathBuf>,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("there is no file name after `=`".into()),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = match format {
            "text" => Format::Text,
            "json" => Format::Json,
            _ => return Err(format!("`{format}` is no format: text and json are")),
        };
        Ok(Self { format, file })
    }
}
