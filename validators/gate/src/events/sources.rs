//! Which files hold events, and their pieces one after the other.

use super::{Batch, EventFile};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What files of events are called in a folder; each may be packed (`.gz`).
const NAMES: [&str; 3] = [".jsonl", ".ndjson", ".evtx"];
/// How deep folders are looked into: a link may lead around in a circle.
const DEPTH: usize = 32;

/// Files of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFiles {
    /// They.
    pub files: Vec<PathBuf>,
    /// How many other files lie in folders that stand for them: by their names they hold no events.
    pub passed_over: u64,
}

/// The files of events that paths stand for, each path's in the order of their names: a folder stands for those in it
/// and below it whose name ends in `.jsonl`, `.ndjson` or `.evtx`, or in one of these and `.gz`; whatever else is named
/// stands for itself, `-` for standard input.
///
/// # Errors
///
/// A folder that cannot be listed, or has no such file: whoever names it means some.
pub fn event_files(paths: &[PathBuf]) -> Result<EventFiles, (PathBuf, String)> {
    let mut all = EventFiles::default();
    for path in paths {
        if !path.is_dir() {
            all.files.push(path.clone());
            continue;
        }
        let before = all.files.len();
        list(path, DEPTH, &mut all)?;
        if all.files.len() == before {
            let what = "holds no events: no file whose name ends in .jsonl, .ndjson or .evtx, or in one of these and .gz";
            return Err((path.clone(), what.to_owned()));
        }
    }
    Ok(all)
}

fn list(folder: &Path, depth: usize, all: &mut EventFiles) -> Result<(), (PathBuf, String)> {
    let failed = |error: io::Error| (folder.to_path_buf(), said(&error));
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for path in entries {
        if path.is_dir() {
            let Some(depth) = depth.checked_sub(1) else {
                return Err((path, "lies in too many folders".to_owned()));
            };
            list(&path, depth, all)?;
        } else if is_named(&path) {
            all.files.push(path);
        } else {
            all.passed_over = all.passed_over.saturating_add(1);
        }
    }
    Ok(())
}

fn is_named(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    NAMES.iter().any(|end| name.ends_with(end))
}

/// An error in words: of those of the system without their numbers.
fn said(error: &io::Error) -> String {
    let text = error.to_string();
    if error.raw_os_error().is_none() {
        return text;
    }
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Files of events, piece by piece.
pub struct Sources {
    files: Vec<PathBuf>,
    /// The number of the file at hand.
    at: usize,
    open: Option<EventFile>,
}

/// A piece of a file, or why the file could not be read.
pub enum Piece {
    /// A piece of the file with this number.
    Batch(usize, Batch),
    /// The file with this number could not be opened.
    Unread(usize, String),
}

impl Sources {
    /// Of these files, in this order.
    pub fn new(files: Vec<PathBuf>) -> Self {
        Self { files, at: 0, open: None }
    }

    /// The next piece; `None` after the last of the last file.
    pub fn next_piece(&mut self) -> Option<Piece> {
        loop {
            let at = self.at;
            if let Some(file) = &mut self.open {
                if let Some(batch) = file.batch() {
                    return Some(Piece::Batch(at, batch));
                }
                (self.open, self.at) = (None, at.saturating_add(1));
                continue;
            }
            match open(self.files.get(at)?) {
                Ok(file) => self.open = Some(file),
                Err(error) => {
                    self.at = at.saturating_add(1);
                    return Some(Piece::Unread(at, said(&error)));
                }
            }
        }
    }
}

fn open(path: &Path) -> io::Result<EventFile> {
    let input: Box<dyn Read + Send> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    EventFile::open(input)
}
