//! Files and sensors from the command line. Whatever is named is hostile: a folder, a pipe without an end, a sparse
//! file of a gigabyte, a name with escapes in it.

use crate::exit::Failure;
use channel_contract::{Contract, bytes, load, load_folder};
use channel_validators::{Member, digest};
use std::fs::File;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};

/// Reads a file whole, or standard input for `-`, up to a limit.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::file(path, reason(&error));
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    } else {
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

/// An error in words, without the number of the operating system.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Reads text.
pub fn read_text(path: &Path, limit: u64) -> Result<String, Failure> {
    String::from_utf8(read(path, limit)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::file(path, format!("is not UTF-8 text: see the byte at {at:#x}"))
    })
}

/// Reads one contract, out of a sensor binary or a TOML file.
pub fn contract(path: &Path) -> Result<Contract, Failure> {
    load(path).map_err(|error| Failure::file(path, error))
}

/// Reads the contracts of a fleet: sensor binaries, TOML files, and folders of them. Each must hold one.
pub fn fleet(paths: &[PathBuf]) -> Result<Vec<Member>, Failure> {
    let mut members = Vec::new();
    for path in paths {
        if path.is_dir() {
            for (path, contract) in load_folder(path).map_err(|error| Failure::file(path, error))? {
                let contract = contract.map_err(|error| Failure::file(&path, error))?;
                members.push(member(&path, contract)?);
            }
        } else {
            members.push(member(path, contract(path)?)?);
        }
    }
    Ok(members)
}

fn member(path: &Path, contract: Contract) -> Result<Member, Failure> {
    let bytes = bytes::write(&contract).map_err(|error| Failure::file(path, error))?;
    Ok(Member { origin: path.display().to_string(), sha256: digest(&bytes), contract })
}
