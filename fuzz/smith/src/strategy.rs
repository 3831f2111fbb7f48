//! The generators as strategies of `proptest`, for the tests of whoever reads or judges content. A failing case is made
//! smaller through its choices: where they end, a generator takes the least one, so that fewer of them make less content.
//!
//! ```
//! use channel_parser::channel;
//! use channel_smith::{Config, strategy};
//! use proptest::prelude::*;
//!
//! proptest!(|((contract, draft) in strategy::suited(Config::default()))| {
//!     let bytes = channel::encode(&draft).unwrap();
//!     prop_assert!(bytes.len() as u64 <= contract.limits.file_bytes);
//!     prop_assert!(channel::parse(&bytes).is_ok());
//! });
//! ```

use crate::breaks::{self, Broken};
use crate::{Config, Seed, generate, mutate};
use arbitrary::{Result, Unstructured};
use channel_contract::sysmon::schemas;
use channel_contract::{Contract, bytes};
use channel_parser::draft::Draft;
use channel_parser::{channel, sysmon};
use core::fmt;
use proptest::prelude::any;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::rc::Rc;

/// How often a generator that makes nothing is asked again.
const TRIES: u32 = 256;

/// The strategy of a generator; see [`made`].
pub struct Made<F>(Rc<F>);

impl<F> Clone for Made<F> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<F> fmt::Debug for Made<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Made")
    }
}

/// A strategy out of anything that makes a value of choices. Where it makes none, other choices are drawn.
///
/// ```
/// use proptest::prelude::*;
///
/// let even = channel_smith::strategy::made(|u| u.arbitrary::<u8>().map(|n| (n % 2 == 0).then_some(n)));
/// proptest!(|(n in even)| prop_assert!(n % 2 == 0));
/// ```
pub fn made<T, F>(make: F) -> Made<F>
where
    T: fmt::Debug,
    F: Fn(&mut Unstructured<'_>) -> Result<Option<T>>,
{
    Made(Rc::new(make))
}

impl<T, F> Strategy for Made<F>
where
    T: fmt::Debug,
    F: Fn(&mut Unstructured<'_>) -> Result<Option<T>>,
{
    type Tree = Choices<F>;
    type Value = T;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        for _ in 0..TRIES {
            let seed = Seed::new(any::<u64>().new_tree(runner)?.current());
            let mut u = seed.choices();
            if let Ok(Some(_)) = (self.0)(&mut u) {
                let used = seed.bytes().len() - u.len();
                return Ok(Choices { make: self.clone(), seed, least: 0, length: used, most: used });
            }
        }
        Err("nothing could be made".into())
    }
}

/// Choices that a value was made of, and how many of them are taken: all that are fewer than `least` were tried, and the
/// test failed with `most`.
#[derive(Debug)]
pub struct Choices<F> {
    make: Made<F>,
    seed: Seed,
    least: usize,
    length: usize,
    most: usize,
}

impl<T, F> Choices<F>
where
    T: fmt::Debug,
    F: Fn(&mut Unstructured<'_>) -> Result<Option<T>>,
{
    fn make(&self, length: usize) -> Option<T> {
        let choices = self.seed.bytes().get(..length).unwrap_or_default();
        (self.make.0)(&mut Unstructured::new(choices)).ok().flatten()
    }

    /// Goes to the middle of what was not tried yet, past all lengths of which nothing is made.
    fn halve(&mut self) -> bool {
        while self.least < self.most {
            let middle = usize::midpoint(self.least, self.most);
            if self.make(middle).is_some() {
                self.length = middle;
                return true;
            }
            self.least = middle + 1;
        }
        let moved = self.length != self.most;
        self.length = self.most;
        moved
    }
}

impl<T, F> ValueTree for Choices<F>
where
    T: fmt::Debug,
    F: Fn(&mut Unstructured<'_>) -> Result<Option<T>>,
{
    type Value = T;

    fn current(&self) -> T {
        self.make(self.length).expect("something is made of every length that was gone to")
    }

    fn simplify(&mut self) -> bool {
        self.most = self.length;
        self.halve()
    }

    fn complicate(&mut self) -> bool {
        self.least = self.length + 1;
        self.halve()
    }
}

type Chosen<T> = fn(&mut Unstructured<'_>) -> Result<Option<T>>;

/// Contracts of every kind, as [`generate::contract`] makes them.
pub fn contract() -> Made<Chosen<Contract>> {
    made(|u| generate::contract(u).map(Some))
}

/// Contracts that contradict themselves in nothing.
pub fn sound_contract() -> Made<Chosen<Contract>> {
    made(|u| generate::sound_contract(u).map(Some))
}

/// Contracts that can be written, whatever they say: those of Sysmon too, and each edited up to twenty times.
pub fn any_contract() -> Made<Chosen<Contract>> {
    made(|u| {
        let mut contract = match u.ratio(1, 3)? {
            true => u.choose(&schemas().collect::<Vec<_>>()).map(|schema| (*schema).clone())?,
            false => generate::contract(u)?,
        };
        for _ in 0..u.int_in_range(0..=20)? {
            mutate::contract(u, &mut contract)?;
        }
        Ok(bytes::write(&contract).is_ok().then_some(contract))
    })
}

/// Content that suits a contract.
pub fn content(contract: Contract, config: Config) -> impl Strategy<Value = Draft> + Clone {
    made(move |u| generate::content(u, &contract, &config))
}

/// A contract, and content that suits it.
pub fn suited(config: Config) -> impl Strategy<Value = (Contract, Draft)> + Clone {
    made(move |u| {
        let contract = generate::contract(u)?;
        Ok(generate::content(u, &contract, &config)?.map(|draft| (contract, draft)))
    })
}

/// Content that can be written and read again, whatever it says: edited up to thirty times, and at times there is none.
pub fn any_content() -> Made<Chosen<Draft>> {
    made(|u| {
        let mut draft = Draft::default();
        if u.ratio(15, 16)? {
            let config = Config { extra_sections: u.arbitrary()?, ..Config::default() };
            let contract = generate::sound_contract(u)?;
            draft = generate::content(u, &contract, &config)?.unwrap_or_default();
        }
        for _ in 0..u.int_in_range(0..=30)? {
            mutate::content(u, &mut draft)?;
        }
        let types = draft.types.len();
        let mut instances = draft.detections.iter().flat_map(|one| one.include.iter().chain(&one.exclude));
        let whole = instances.all(|instance| (instance.template.0 as usize) < types);
        Ok((whole && channel::encode(&draft).is_ok()).then_some(draft))
    })
}

/// A rule blob that suits the contract of a Sysmon.
pub fn blob(contract: Contract, config: Config) -> impl Strategy<Value = sysmon::draft::Draft> + Clone {
    made(move |u| generate::blob(u, &contract, &config))
}

/// A file of the format that a sensor reads, which suits it.
pub fn file(contract: Contract, config: Config) -> impl Strategy<Value = Vec<u8>> + Clone {
    made(move |u| generate::file(u, &contract, &config))
}

/// Such a file with one thing wrong.
pub fn broken(contract: Contract, config: Config) -> impl Strategy<Value = Broken> + Clone {
    made(move |u| breaks::file(u, &contract, &config))
}

/// Neighbours and children of files: edited as [`mutate::file`] and [`mutate::cross`] do it, up to four times. None of no
/// files.
pub fn neighbour(files: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> + Clone {
    made(move |u| {
        if files.is_empty() {
            return Ok(None);
        }
        let mut file = u.choose(&files)?.clone();
        for _ in 0..u.int_in_range(0..=4)? {
            let other = u.choose(&files)?;
            file = match u.ratio(1, 8)? {
                true => mutate::cross(u, &file, other)?.unwrap_or(file),
                false => mutate::file(u, &file)?,
            };
        }
        Ok(Some(file))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::test_runner::{Config as Cases, TestError};

    /// The number of detections that a failing test is left with.
    fn left(fails: impl Fn(&Draft) -> bool) -> usize {
        let mut runner = TestRunner::new(Cases { failure_persistence: None, ..Cases::default() });
        let config = Config { detections: 20, ..Config::default() };
        let failed = runner.run(&suited(config), |(_, draft)| match fails(&draft) {
            true => Err(proptest::test_runner::TestCaseError::fail("it has so many")),
            false => Ok(()),
        });
        match failed {
            Err(TestError::Fail(_, (_, draft))) => draft.detections.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_failing_case_is_made_smaller_and_still_fails() {
        assert_eq!(left(|draft| !draft.detections.is_empty()), 1);
        assert!(left(|draft| draft.detections.len() > 3) > 3);
    }
}
