//! How many bits a sensor stores each number in.

use core::fmt;

/// The bits of one store, 1 to 64, the sign not counted: a signed 32-bit store has 31.
///
/// ```
/// use channel_contract::Width;
/// let width = Width::new(31).unwrap();
/// assert!(width.holds(2_147_483_647) && !width.holds(2_201_010_001));
/// assert!(width.holds_signed(-2_147_483_648));
/// assert_eq!(Width::new(0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Width(u8);

impl Width {
    /// A store of this many bits, 1 to 64.
    pub const fn new(bits: u8) -> Option<Self> {
        match bits {
            1..=64 => Some(Self(bits)),
            _ => None,
        }
    }

    /// How many bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The largest number that fits.
    pub const fn max(self) -> u64 {
        match 1_u64.checked_shl(self.0 as u32) {
            Some(over) => over.saturating_sub(1),
            None => u64::MAX,
        }
    }

    /// Whether the number fits.
    pub const fn holds(self, n: u64) -> bool {
        n <= self.max()
    }

    /// Whether the number fits when the store has a sign besides these bits.
    pub const fn holds_signed(self, n: i64) -> bool {
        // -2^w is the lowest: its complement is the highest.
        self.holds(if n < 0 { !n } else { n } as u64)
    }
}

impl Default for Width {
    /// 32 bits.
    fn default() -> Self {
        Self(32)
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bits", self.0)
    }
}

macro_rules! widths {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The width of every number that a sensor stores.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct Widths { $($(#[$doc])* pub $name: Width,)* }

        impl Widths {
            /// The names, in the order in which the byte form has them.
            pub const NAMES: [&'static str; 11] = [$(stringify!($name)),*];

            /// The widths in the order of [`Widths::NAMES`].
            pub const fn to_array(self) -> [Width; 11] {
                [$(self.$name),*]
            }

            /// The reverse of [`Widths::to_array`].
            pub const fn from_array([$($name),*]: [Width; 11]) -> Self {
                Self { $($name),* }
            }
        }
    };
}

widths! {
    /// The channel of a file.
    channel,
    /// The part of a file.
    part,
    /// The revision of a file's content.
    content_revision,
    /// The id of a template type.
    type_id,
    /// The revision of a template type.
    type_revision,
    /// How many fields an instance has.
    fields_per_instance,
    /// How many instances are loaded.
    instances,
    /// How many detections are loaded.
    detections,
    /// How many patterns are loaded.
    patterns,
    /// How many instances match one event.
    match_count,
    /// The operand of a pattern that compares integers. The store is signed: 63 holds every operand.
    integer_operand,
}
