//! Breaks exactly one thing of a contract that was sound, and says what must follow: a contradiction that the contract's
//! own lint finds, or a refusal of the reader.
//!
//! ```
//! use channel_contract::{bytes, lint};
//! use channel_smith::breaks::contract::{Follows, one};
//! use channel_smith::{Seed, generate};
//!
//! let seed = Seed::new(1);
//! let u = &mut seed.choices();
//! let contract = generate::sound_contract(u)?;
//! assert!(lint(&contract).is_empty());
//! let broken = one(u, &contract)?.unwrap();
//! match broken.follows {
//!     Follows::Lint(code) => assert!(lint(&broken.contract.unwrap()).iter().any(|found| found.code == code)),
//!     Follows::Refusal(kind) => assert_eq!(bytes::read(&broken.section.unwrap(), 0).unwrap_err().kind, kind),
//! }
//! # Ok::<(), arbitrary::Error>(())
//! ```

mod model;
mod section;

use arbitrary::{Result, Unstructured};
use channel_contract::{Contract, ErrorKind, bytes};

/// What must follow from a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// A finding of [`channel_contract::lint`] with this code, and none with another.
    Lint(&'static str),
    /// The reader refuses the section, with this kind of error.
    Refusal(ErrorKind),
}

/// One way to break a contract.
#[derive(Clone, Copy)]
pub struct Break {
    /// Its name, for people and for tables.
    pub name: &'static str,
    /// What must follow.
    pub follows: Follows,
    how: How,
}

type Done = Result<Option<String>>;

/// On what it works; each says the path of what must be found, and nothing where there is nothing to break.
#[derive(Clone, Copy)]
enum How {
    /// On the contract.
    Model(fn(&mut Unstructured<'_>, &mut Contract) -> Done),
    /// On what its records say; their checksums are right afterwards.
    Body(fn(&mut Unstructured<'_>, &mut Vec<u8>) -> Done),
    /// On the bytes as they are.
    Bytes(fn(&mut Unstructured<'_>, &mut Vec<u8>) -> Done),
}

/// A contract of which one thing is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// How it was broken.
    pub name: &'static str,
    /// What must follow.
    pub follows: Follows,
    /// Where: the path of a finding, or of the refusal, must start with this. Empty where it is about the whole.
    pub place: String,
    /// The contract, if it still is one.
    pub contract: Option<Contract>,
    /// The bytes of its section, if it can be written.
    pub section: Option<Vec<u8>>,
}

/// Every way, those of the model first.
pub fn all() -> impl Iterator<Item = Break> {
    model::BREAKS.iter().chain(section::BREAKS).copied()
}

impl Break {
    /// Breaks a sound contract; `None` if there is nothing to break that way, or the contract cannot be written.
    ///
    /// # Errors
    ///
    /// None but those of `arbitrary`, which a source of choices that is exhausted does not raise.
    pub fn apply(&self, u: &mut Unstructured<'_>, contract: &Contract) -> Result<Option<Broken>> {
        let broken = |place, contract, section| {
            Ok(Some(Broken { name: self.name, follows: self.follows, place, contract, section }))
        };
        let change = match self.how {
            How::Model(change) => {
                let mut contract = contract.clone();
                let Some(place) = change(u, &mut contract)? else { return Ok(None) };
                let section = bytes::write(&contract).ok();
                return broken(place, Some(contract), section);
            }
            How::Body(change) | How::Bytes(change) => change,
        };
        let unsealed = Contract { sealed: false, ..contract.clone() };
        let seals = contract.sealed && matches!(self.how, How::Body(_));
        let Ok(mut section) = bytes::write(if seals { &unsealed } else { contract }) else { return Ok(None) };
        let Some(place) = change(u, &mut section)? else { return Ok(None) };
        if seals {
            let Ok(sealed) = bytes::seal(&section, 0) else { return Ok(None) };
            section = sealed;
        }
        broken(place, None, Some(section))
    }
}

/// Breaks a sound contract in one way of all that are possible for it; `None` if there is none.
///
/// # Errors
///
/// As [`Break::apply`].
pub fn one(u: &mut Unstructured<'_>, contract: &Contract) -> Result<Option<Broken>> {
    one_by(u, contract, &all().collect::<Vec<_>>())
}

/// As [`one`], in one of these ways.
///
/// # Errors
///
/// As [`Break::apply`].
pub fn one_by(u: &mut Unstructured<'_>, contract: &Contract, ways: &[Break]) -> Result<Option<Broken>> {
    let mut left = ways.to_vec();
    while !left.is_empty() {
        let way = left.swap_remove(u.choose_index(left.len())?);
        if let Some(broken) = way.apply(u, contract)? {
            return Ok(Some(broken));
        }
    }
    Ok(None)
}
