//! Breaks exactly one thing of content that was right, and says which rule must find it and where. The same for contracts
//! is in [`contract`].

mod blob;
pub(crate) mod bytes;
mod content;
pub mod contract;
mod limits;
mod structure;

use crate::{Config, generate};
use arbitrary::{Result, Unstructured};
use channel_contract::Contract;
use channel_parser::channel::encode;
use channel_parser::draft::Draft;
use channel_parser::{Format, sysmon};

/// The number of a rule's code: 301 for `CG301`.
pub type RuleNumber = u16;

/// One way to break content.
#[derive(Clone, Copy)]
pub struct Break {
    /// Its name, for people and for tables.
    pub name: &'static str,
    /// The rule that must find it, and no other one that is an error.
    pub rule: RuleNumber,
    how: How,
}

type Done = Result<Option<String>>;

/// On what it works; `None` where this content, or this sensor, has nothing to break that way.
#[derive(Clone, Copy)]
enum How {
    /// On what a channel file says.
    Content(fn(&mut Unstructured<'_>, &mut Draft, &Contract) -> Done),
    /// On its bytes.
    Bytes(fn(&mut Unstructured<'_>, &mut Vec<u8>) -> Done),
    /// On what a rule blob says.
    Blob(fn(&mut Unstructured<'_>, &mut sysmon::draft::Draft, &Contract) -> Done),
    /// On its bytes.
    BlobBytes(fn(&mut Unstructured<'_>, &mut Vec<u8>) -> Done),
}

/// Content of which one thing is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub bytes: Vec<u8>,
    /// How it was broken.
    pub name: &'static str,
    /// The rule that must find it.
    pub rule: RuleNumber,
    /// Where: the path of a finding must start with this. Empty where it is about the file.
    pub place: String,
}

/// Every way, those of channel files first, in the order of the rules.
pub fn all() -> impl Iterator<Item = Break> {
    [bytes::BREAKS, limits::BREAKS, content::BREAKS, structure::BREAKS, blob::BREAKS]
        .into_iter()
        .flatten()
        .copied()
}

impl Break {
    /// The format of the files that it breaks.
    pub fn format(&self) -> Format {
        match self.how {
            How::Content(_) | How::Bytes(_) => Format::Channel,
            How::Blob(_) | How::BlobBytes(_) => Format::Sysmon,
        }
    }

    /// Breaks content that suits a contract; `None` if there is nothing to break that way.
    ///
    /// # Errors
    ///
    /// None but those of `arbitrary`, which a source of choices that is exhausted does not raise.
    pub fn apply(
        &self,
        u: &mut Unstructured<'_>,
        draft: &Draft,
        contract: &Contract,
    ) -> Result<Option<Broken>> {
        let mut draft = draft.clone();
        let place = match self.how {
            How::Content(change) => change(u, &mut draft, contract)?,
            How::Bytes(_) => Some(String::new()),
            How::Blob(_) | How::BlobBytes(_) => None,
        };
        let (Some(mut place), Ok(mut bytes)) = (place, encode(&draft)) else { return Ok(None) };
        if let How::Bytes(change) = self.how {
            let Some(there) = change(u, &mut bytes)? else { return Ok(None) };
            place = there;
        }
        // A file that grew past what the sensor reads would be two things wrong.
        if (bytes.len() as u64 > contract.limits.file_bytes) != (self.rule == 202) {
            return Ok(None);
        }
        Ok(Some(Broken { bytes, name: self.name, rule: self.rule, place }))
    }

    /// The same for a rule blob.
    ///
    /// # Errors
    ///
    /// As [`Break::apply`].
    pub fn apply_blob(
        &self,
        u: &mut Unstructured<'_>,
        draft: &sysmon::draft::Draft,
        contract: &Contract,
    ) -> Result<Option<Broken>> {
        let mut draft = draft.clone();
        let place = match self.how {
            How::Blob(change) => change(u, &mut draft, contract)?,
            How::BlobBytes(_) => Some(String::new()),
            How::Content(_) | How::Bytes(_) => None,
        };
        let (Some(mut place), Ok(mut bytes)) = (place, sysmon::encode(&draft)) else { return Ok(None) };
        if let How::BlobBytes(change) = self.how {
            let Some(there) = change(u, &mut bytes)? else { return Ok(None) };
            place = there;
        }
        Ok(Some(Broken { bytes, name: self.name, rule: self.rule, place }))
    }

    /// Generates a file for a sensor and breaks it in this way; `None` if the sensor reads files of the other format, or if
    /// there is nothing to break that way.
    ///
    /// # Errors
    ///
    /// As [`Break::apply`].
    pub fn file(
        &self,
        u: &mut Unstructured<'_>,
        contract: &Contract,
        config: &Config,
    ) -> Result<Option<Broken>> {
        match self.format() {
            Format::Sysmon => match generate::blob(u, contract, config)? {
                Some(draft) => self.apply_blob(u, &draft, contract),
                None => Ok(None),
            },
            Format::Channel if contract.sysmon.is_some() => Ok(None),
            Format::Channel => match generate::content(u, contract, config)? {
                Some(draft) => self.apply(u, &draft, contract),
                None => Ok(None),
            },
        }
    }
}

/// Breaks content in one way of all that are possible for it; `None` if there is none.
///
/// # Errors
///
/// As [`Break::apply`].
pub fn one(u: &mut Unstructured<'_>, draft: &Draft, contract: &Contract) -> Result<Option<Broken>> {
    any(u, &of(Format::Channel), |way, u| way.apply(u, draft, contract))
}

/// The same for a rule blob.
///
/// # Errors
///
/// As [`Break::apply`].
pub fn blob_one(
    u: &mut Unstructured<'_>,
    draft: &sysmon::draft::Draft,
    contract: &Contract,
) -> Result<Option<Broken>> {
    any(u, &of(Format::Sysmon), |way, u| way.apply_blob(u, draft, contract))
}

fn of(format: Format) -> Vec<Break> {
    all().filter(|way| way.format() == format).collect()
}

fn any(
    u: &mut Unstructured<'_>,
    ways: &[Break],
    apply: impl Fn(&Break, &mut Unstructured<'_>) -> Result<Option<Broken>>,
) -> Result<Option<Broken>> {
    let mut left = ways.to_vec();
    while !left.is_empty() {
        let way = left.swap_remove(u.choose_index(left.len())?);
        if let Some(broken) = apply(&way, u)? {
            return Ok(Some(broken));
        }
    }
    Ok(None)
}

/// Generates a file of the format that a sensor reads and breaks one thing of it; `None` if nothing can be generated, or
/// broken, for this sensor.
///
/// # Errors
///
/// As [`Break::apply`].
pub fn file(u: &mut Unstructured<'_>, contract: &Contract, config: &Config) -> Result<Option<Broken>> {
    file_by(u, contract, config, &all().collect::<Vec<_>>())
}

/// As [`file()`], in one of these ways.
///
/// # Errors
///
/// As [`Break::apply`].
pub fn file_by(
    u: &mut Unstructured<'_>,
    contract: &Contract,
    config: &Config,
    ways: &[Break],
) -> Result<Option<Broken>> {
    let format = if contract.sysmon.is_some() { Format::Sysmon } else { Format::Channel };
    let ways: Vec<Break> = ways.iter().filter(|way| way.format() == format).copied().collect();
    if contract.sysmon.is_some() {
        return match generate::blob(u, contract, config)? {
            Some(draft) => any(u, &ways, |way, u| way.apply_blob(u, &draft, contract)),
            None => Ok(None),
        };
    }
    match generate::content(u, contract, config)? {
        Some(draft) => any(u, &ways, |way, u| way.apply(u, &draft, contract)),
        None => Ok(None),
    }
}
