//! The set of operators that an interpreter implements.

use channel_parser::model::Operator;
use core::fmt;

/// Some of the operators, as one bit each: bit `n` is the operator with the number `n`.
///
/// ```
/// use channel_contract::OperatorSet;
/// use channel_parser::model::Operator;
///
/// let set = OperatorSet::from_iter([Operator::Suffix, Operator::Exact]);
/// assert!(set.contains(Operator::Exact) && !set.contains(Operator::Regex));
/// assert_eq!(set.to_string(), "exact, suffix");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct OperatorSet(u64);

const fn bit(operator: Operator) -> u64 {
    1 << operator.number()
}

impl OperatorSet {
    /// No operator.
    pub const EMPTY: Self = Self(0);

    /// Every operator that this version knows.
    pub fn all() -> Self {
        Operator::ALL.iter().copied().collect()
    }

    /// The set with these bits, unless one of them stands for no operator.
    pub fn from_bits(bits: u64) -> Option<Self> {
        (bits & !Self::all().0 == 0).then_some(Self(bits))
    }

    /// One bit for every operator.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether the operator is one of them.
    pub const fn contains(self, operator: Operator) -> bool {
        self.0 & bit(operator) != 0
    }

    /// Adds an operator; false if it was there.
    pub const fn insert(&mut self, operator: Operator) -> bool {
        let new = !self.contains(operator);
        self.0 |= bit(operator);
        new
    }

    /// Takes an operator out; false if it was not there.
    pub const fn remove(&mut self, operator: Operator) -> bool {
        let old = self.contains(operator);
        self.0 &= !bit(operator);
        old
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The operators, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Operator> {
        Operator::ALL.iter().copied().filter(move |operator| self.contains(*operator))
    }
}

impl FromIterator<Operator> for OperatorSet {
    fn from_iter<I: IntoIterator<Item = Operator>>(operators: I) -> Self {
        let mut set = Self::EMPTY;
        for operator in operators {
            set.insert(operator);
        }
        set
    }
}

impl fmt::Display for OperatorSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, operator) in self.iter().enumerate() {
            f.write_str(if n == 0 { "" } else { ", " })?;
            f.write_str(operator.word())?;
        }
        Ok(())
    }
}

impl fmt::Debug for OperatorSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
