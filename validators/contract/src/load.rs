//! One way in: a path or bytes, TOML or a binary, told apart by content.

use crate::{Contract, Error, ErrorKind, binary, toml};
use alloc::{format, vec::Vec};
use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

/// The longest file that is read.
pub const MAX_FILE: u64 = 1 << 30;

/// Reads the contract that the file holds, as a binary that carries one or as TOML.
pub fn load(path: impl AsRef<Path>) -> Result<Contract, Error> {
    let unreadable = |e: std::io::Error| Error::new(ErrorKind::Unreadable, "a file", e);
    let path = path.as_ref();
    let data = fs::metadata(path).map_err(unreadable)?;
    // Opening a pipe would wait for a writer.
    if !data.is_file() {
        let found = if data.is_dir() { "a folder" } else { "something else" };
        return Err(Error::new(ErrorKind::Unreadable, "a file", found));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::new(ErrorKind::Unreadable, format!("at most {MAX_FILE} bytes"), "more"));
    }
    load_bytes(&bytes)
}

/// Reads the contract that the bytes hold: a binary if they start like one, TOML if they are text.
///
/// ```
/// use channel_contract::{ErrorKind, load_bytes};
/// assert_eq!(load_bytes(b"interpreter = 'x'").unwrap_err().kind, ErrorKind::Text);
/// assert_eq!(load_bytes(b"\x7fELF").unwrap_err().kind, ErrorKind::Binary);
/// assert_eq!(load_bytes(b"\0\0\0\0").unwrap_err().kind, ErrorKind::NeitherTextNorBinary);
/// assert_eq!(load_bytes(b"").unwrap_err().kind, ErrorKind::NeitherTextNorBinary);
/// ```
pub fn load_bytes(bytes: &[u8]) -> Result<Contract, Error> {
    if binary::is_binary(bytes) {
        return binary::read(bytes);
    }
    let refuse = |found: alloc::string::String| {
        Err(Error::new(ErrorKind::NeitherTextNorBinary, "TOML, ELF, PE or Mach-O", found))
    };
    if bytes.is_empty() {
        return refuse("an empty file".into());
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return refuse(format!("a zero byte at {at:#x}"));
    }
    match core::str::from_utf8(bytes) {
        Ok(text) => toml::parse(text),
        Err(e) => refuse(format!("no UTF-8 at {:#x}", e.valid_up_to())),
    }
}

/// One entry of a folder, and the contract in it or why there is none.
pub type Loaded = (PathBuf, Result<Contract, Error>);

/// Reads every entry of a folder, sorted by name. Nothing is skipped: an entry that is no contract, a hidden one or a
/// folder is an entry with its error. A folder without entries is an error, for nothing would be checked against it.
pub fn load_folder(path: impl AsRef<Path>) -> Result<Vec<Loaded>, Error> {
    let unreadable = |e: std::io::Error| Error::new(ErrorKind::Unreadable, "a folder of contracts", e);
    let entries = fs::read_dir(path.as_ref()).map_err(unreadable)?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(unreadable)?;
    if paths.is_empty() {
        return Err(Error::new(ErrorKind::Unreadable, "a folder of contracts", "an empty one"));
    }
    paths.sort();
    Ok(paths.into_iter().map(|path| (path.clone(), load(&path))).collect())
}
