//! Files and sensors from the command line. Whatever is named is hostile: a folder, a pipe without an end, a sparse
//! file of a gigabyte, a name with escapes in it.

use crate::exit::Failure;
use crate::output::reason;
use channel_contract::{Contract, bytes, load, load_folder, sysmon};
use channel_validators::{Member, digest};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Reads a file whole, or standard input for `-`, up to a limit.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::file(path, reason(&error));
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        note(path);
        let data = std::fs::metadata(path).map_err(failed)?;
        if data.is_dir() {
            return Err(Failure::file(path, "is a folder; name the files in it"));
        }
        if data.len() > limit {
            return Err(too_long(path, data.len(), limit));
        }
        let file = File::open(path).map_err(failed)?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    }
    let length = bytes.len() as u64;
    if length > limit { Err(too_long(path, length, limit)) } else { Ok(bytes) }
}

fn too_long(path: &Path, length: u64, limit: u64) -> Failure {
    Failure::file(path, format!("is too long to be read: {length} bytes or more, at most {limit} are read"))
}

/// The files that this run reads, so that none is overwritten.
static READ: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn note(path: &Path) {
    if let (Ok(path), Ok(mut read)) = (std::fs::canonicalize(path), READ.lock()) {
        read.push(path);
    }
}

/// Notes files, and those in folders, that will be read.
pub fn will_read<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) {
    for path in paths {
        note(path);
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            note(&entry.path());
        }
    }
}

/// Whether this run reads a file, by whatever name.
pub fn was_read(path: &Path) -> bool {
    let Ok(path) = std::fs::canonicalize(path) else { return false };
    READ.lock().is_ok_and(|read| read.contains(&path))
}

/// The folder that this run reads and a file would lie in: the next run would take a report there for a sensor, or for events.
pub fn folder_read(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::fs::canonicalize(folder).ok()?;
    let read = READ.lock().ok()?;
    folder.ancestors().find(|above| read.iter().any(|one| one == above)).map(Path::to_path_buf)
}

/// Reads text.
pub fn read_text(path: &Path, limit: u64) -> Result<String, Failure> {
    String::from_utf8(read(path, limit)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::file(path, format!("is not UTF-8 text: see the byte at {at:#x}"))
    })
}

/// Reads one contract, out of a sensor binary or a TOML file, or one that comes along.
pub fn contract(path: &Path) -> Result<Contract, Failure> {
    if path.to_str().is_some_and(|name| name.starts_with("sysmon:")) {
        let mut fleet = fleet(&[path.to_path_buf()])?;
        return match (fleet.pop(), fleet.is_empty()) {
            (Some(member), true) => Ok(member.contract),
            _ => Err(Failure::wrong_use(format!("{}: one sensor is wanted here", path.display()))),
        };
    }
    note(path);
    load(path).map_err(|error| Failure::file(path, error))
}

/// Reads the contracts of a fleet: sensor binaries, TOML files, and folders of them. Each must hold one.
pub fn fleet(paths: &[PathBuf]) -> Result<Vec<Member>, Failure> {
    let mut members = Vec::new();
    for path in paths {
        if let Some(named) = path.to_str().and_then(sysmon::named_fleet) {
            for (name, contract) in
                named.map_err(|error| Failure::wrong_use(format!("{}: {error}", path.display())))?
            {
                members.push(member(Path::new(&name), contract)?);
            }
        } else if path.is_dir() {
            for (path, contract) in load_folder(path).map_err(|error| Failure::file(path, error))? {
                note(&path);
                let contract = contract.map_err(|error| {
                    Failure::file(&path, format!("{error}; a folder of sensors holds nothing else"))
                })?;
                members.push(member(&path, contract)?);
            }
        } else {
            members.push(member(path, contract(path)?)?);
        }
    }
    // The same contract by two names is one sensor.
    let mut known = BTreeSet::new();
    members.retain(|member| known.insert(member.sha256.clone()));
    Ok(members)
}

fn member(path: &Path, contract: Contract) -> Result<Member, Failure> {
    let bytes = bytes::write(&contract).map_err(|error| Failure::file(path, error))?;
    Ok(Member { origin: path.display().to_string(), sha256: digest(&bytes), contract })
}
