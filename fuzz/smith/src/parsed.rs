//! What this crate reads and writes, as one: a channel file, a rule blob or the section of a contract, as owned values.

use channel_contract::{Contract, bytes};
use channel_parser::draft::Draft;
use channel_parser::{Format, channel, sysmon};

/// What was read.
#[derive(Clone)]
pub enum Parsed {
    /// A channel file.
    Content(Draft),
    /// A rule blob.
    Blob(sysmon::draft::Draft),
    /// A contract.
    Contract(Box<Contract>),
}

impl Parsed {
    /// Reads whichever it is.
    pub fn read(file: &[u8]) -> Option<Self> {
        match Format::of(file) {
            Ok(Format::Channel) => Some(Self::Content(Draft::from(&channel::parse(file).ok()?))),
            Ok(Format::Sysmon) => Some(Self::Blob(sysmon::parse(file).ok()?.draft())),
            Err(_) => Some(Self::Contract(Box::new(bytes::read(file, 0).ok()?))),
        }
    }

    /// Writes it, checksums and tables included; nothing where no file can say that.
    pub fn write(&self) -> Option<Vec<u8>> {
        match self {
            Self::Content(draft) => channel::encode(draft).ok(),
            Self::Blob(draft) => sysmon::encode(draft).ok(),
            Self::Contract(contract) => bytes::write(contract).ok(),
        }
    }
}
