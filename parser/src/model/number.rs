//! Indices, ids and counts, each with a type of its own, so that none is taken for another.

use core::fmt;

macro_rules! number {
    ($($(#[$doc:meta])* $name:ident($repr:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $repr);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl From<$repr> for $name {
            fn from(n: $repr) -> Self {
                Self(n)
            }
        }
    )*};
}

number! {
    /// The stream a content file belongs to: the first number of its name.
    Channel(u32);
    /// The part of a channel: the second number of a file's name.
    Part(u32);
    /// The revision of a file's content: the third number of its name.
    ContentRevision(u32);
    /// The id of a template type, as sensors and content name it.
    TypeId(u32);
    /// The revision of a template type.
    TypeRevision(u32);
    /// The position of a template type in a file's table.
    TypeIndex(u32);
    /// The position of a detection in a file.
    DetectionIndex(u32);
    /// The position of a template instance in a file, over all detections.
    InstanceIndex(u32);
    /// The position of a criterion in a file, over all instances.
    CriterionIndex(u32);
    /// The position of a clause in a file, over all criteria.
    ClauseIndex(u32);
    /// The position of a pattern in a file, over all clauses.
    PatternIndex(u32);
    /// The position of a field in its template type, from 0: field 20 is the 21st.
    FieldIndex(u32);
}
