//! What is judged: one file, read once, and the sensors it would reach.

use channel_contract::Contract;
use channel_parser::channel::{self, ChannelFile};
use channel_parser::{Error, ErrorKind, Format};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Findings of one rule about one file and one sensor that are kept; those past it are counted. Bytes can be wrong in
/// more places than there is memory to tell of.
pub(crate) const KEPT: u64 = 1000;

/// One content file under judgement.
pub struct Subject<'a> {
    /// The name it was given by, for people and for the rule that compares it with the header.
    pub name: String,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What is wrong with its structure: of each kind the first thousand errors.
    pub errors: Vec<Error>,
    /// How many errors of each kind there are.
    pub error_counts: BTreeMap<ErrorKind, u64>,
    /// Its content, if its tables can be told apart.
    pub file: Option<ChannelFile<'a>>,
}

impl<'a> Subject<'a> {
    /// Reads a file as far as it can be read.
    pub fn read(name: impl Into<String>, bytes: &'a [u8]) -> Self {
        let (mut errors, mut error_counts) = (Vec::new(), BTreeMap::new());
        let mut report = |error: Error| {
            let count = error_counts.entry(error.kind).or_insert(0u64);
            *count += 1;
            if *count <= KEPT {
                errors.push(error);
            }
        };
        let file = match Format::of(bytes) {
            Ok(Format::Channel) => channel::examine(bytes, &mut report),
            Err(error) => {
                report(error);
                None
            }
        };
        Self { name: name.into(), bytes, errors, error_counts, file }
    }
}

/// One sensor of the fleet.
#[derive(Clone, Debug)]
pub struct Member {
    /// Where its contract was read from.
    pub origin: String,
    /// The digest of the contract in its byte form.
    pub sha256: String,
    /// What it supplies and tolerates.
    pub contract: Contract,
}

/// The SHA-256 digest of bytes, in lower-case hexadecimal: what a verdict names a file by.
///
/// ```
/// assert!(channel_validators::digest(b"").starts_with("e3b0c44298fc1c14"));
/// ```
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
