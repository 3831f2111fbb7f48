//! Rule blobs of Sysmon.

use crate::Config;
use arbitrary::{Result, Unstructured};
use channel_contract::Contract;
use channel_parser::sysmon::draft::Draft;

/// A rule blob for a Sysmon sensor; `None` for one that is none.
///
/// # Errors
///
/// As [`super::content`].
pub fn blob(_: &mut Unstructured<'_>, _: &Contract, _: &Config) -> Result<Option<Draft>> {
    Ok(None)
}
