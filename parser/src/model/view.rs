//! Content of whatever format, in place: detections, their instances, the criteria of these. Each view is that of one
//! format or of the other, costs a reference and an index, and hands out the format's own view where more is to be
//! known; what both formats say is asked here.
//!
//! It knows nothing of sensors: what a field or an operator means to one is for `channel-validators` to say.
//!
//! ```
//! use channel_parser::model::view::{Content, Effect};
//!
//! let text = "sysmon-rules 1\nversion 15.00 schema 4.70\n\nevent 1 default exclude combine or\n  filter 4 operator 0: 'a'\n";
//! let bytes = channel_parser::sysmon::assemble(text).unwrap();
//! let content = Content::parse(&bytes).unwrap();
//! let instance = content.instances().next().unwrap();
//! assert_eq!((instance.template().unwrap().0, instance.effect()), (1, Some(Effect::Include)));
//! let criterion = instance.criteria().next().unwrap();
//! assert_eq!((criterion.field().0, criterion.path().to_string().as_str()), (4, "events[0].filters[0]"));
//! ```

use super::{FieldIndex, TypeId};
use crate::Format;
use crate::channel::{self, ChannelFile};
use crate::error::{Error, Path};
use crate::sysmon::{self, Blob, Wide};
use core::fmt;
use core::ops::Range;

/// A content file as it was read.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::large_enum_variant, reason = "without an allocator there is nothing to box with")]
pub enum Content<'a> {
    /// A channel file.
    Channel(ChannelFile<'a>),
    /// A rule blob.
    Blob(Blob<'a>),
}

/// What a rule author wrote: a detection, or the rules for one event of a blob.
#[derive(Clone, Copy)]
pub enum Detection<'a> {
    /// Of a channel file.
    Channel(channel::Detection<'a>),
    /// Of a rule blob.
    Blob(sysmon::Event<'a>),
}

/// One set of criteria for one template type: an instance, or a group of filters or a filter by itself.
#[derive(Clone, Copy)]
pub enum Instance<'a> {
    /// Of a channel file.
    Channel(channel::Instance<'a>),
    /// Of a rule blob.
    Blob(sysmon::Item<'a>),
}

/// What one field must satisfy: a criterion, or a filter.
#[derive(Clone, Copy)]
pub enum Criterion<'a> {
    /// Of a channel file.
    Channel(channel::Criterion<'a>),
    /// Of a rule blob.
    Blob {
        /// The group that it is in, or the filter by itself.
        item: sysmon::Item<'a>,
        /// The filter.
        filter: sysmon::Filter<'a>,
    },
}

/// What an instance that matches does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The detection matches, unless another instance excludes.
    Include,
    /// The detection does not match.
    Exclude,
}

/// What people call a part of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// The id of a detection.
    Id(&'a str),
    /// The name of a rule in a blob.
    Rule(Wide<'a>),
    /// The event that rules are for.
    Event(TypeId),
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Rule(name) => name.fmt(f),
            Self::Event(id) => write!(f, "event {id}"),
        }
    }
}

impl<'a> Content<'a> {
    /// Accepts a content file of any format, or says the first thing that is wrong with it.
    ///
    /// # Errors
    ///
    /// Any [`crate::ErrorKind`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        match Format::of(bytes)? {
            Format::Channel => channel::parse(bytes).map(Self::Channel),
            Format::Sysmon => sysmon::parse(bytes).map(Self::Blob),
        }
    }

    /// Reports everything that is wrong with a content file, without the consequences of what was reported before. It
    /// is returned if its tables or its lists can be followed to their ends.
    pub fn examine(bytes: &'a [u8], report: &mut dyn FnMut(Error)) -> Option<Self> {
        match Format::of(bytes).map_err(&mut *report).ok()? {
            Format::Channel => channel::examine(bytes, report).map(Self::Channel),
            Format::Sysmon => {
                let mut whole = true;
                let blob = sysmon::examine(bytes, &mut |error| {
                    whole &= error.kind.spares_the_rest();
                    report(error);
                });
                blob.filter(|_| whole).map(Self::Blob)
            }
        }
    }

    /// Its format.
    pub fn format(&self) -> Format {
        match self {
            Self::Channel(_) => Format::Channel,
            Self::Blob(_) => Format::Sysmon,
        }
    }

    /// The whole file.
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Channel(file) => file.bytes(),
            Self::Blob(blob) => blob.bytes(),
        }
    }

    /// Its detections, in order.
    pub fn detections(&'a self) -> impl Iterator<Item = Detection<'a>> {
        let (file, blob) = match self {
            Self::Channel(file) => (Some(file), None),
            Self::Blob(blob) => (None, Some(blob)),
        };
        let of_file = file.into_iter().flat_map(|file| file.detections()).map(Detection::Channel);
        of_file.chain(blob.into_iter().flat_map(|blob| blob.events()).map(Detection::Blob))
    }

    /// The instances of all detections, in order.
    pub fn instances(&'a self) -> impl Iterator<Item = Instance<'a>> {
        self.detections().flat_map(|detection| detection.instances())
    }

    /// The criteria of all instances, in order.
    pub fn criteria(&'a self) -> impl Iterator<Item = Criterion<'a>> {
        self.instances().flat_map(|instance| instance.criteria())
    }
}

impl<'a> Detection<'a> {
    /// Its place in the file's structure.
    pub fn path(&self) -> Path {
        match self {
            Self::Channel(detection) => detection.path(),
            Self::Blob(event) => event.path(),
        }
    }

    /// The bytes that say what it is: those of its id.
    pub fn span(&self) -> Range<u64> {
        match self {
            Self::Channel(detection) => detection.id_span(),
            Self::Blob(event) => event.id_span(),
        }
    }

    /// The author's id, or the event.
    pub fn name(&self) -> Option<Name<'a>> {
        match self {
            Self::Channel(detection) => detection.id().map(Name::Id),
            Self::Blob(event) => Some(Name::Event(TypeId(event.id()))),
        }
    }

    /// Its instances in the order of the file.
    pub fn instances(&self) -> impl Iterator<Item = Instance<'a>> + use<'a> {
        let (detection, event) = match *self {
            Self::Channel(detection) => (Some(detection), None),
            Self::Blob(event) => (None, Some(event)),
        };
        let of_file = detection.into_iter().flat_map(|one| one.include().chain(one.exclude()));
        of_file
            .map(Instance::Channel)
            .chain(event.into_iter().flat_map(|event| event.items()).map(Instance::Blob))
    }
}

impl<'a> Instance<'a> {
    /// Its place in the file's structure.
    pub fn path(&self) -> Path {
        match self {
            Self::Channel(instance) => instance.path(),
            Self::Blob(item) => item.path(),
        }
    }

    /// The detection that it belongs to.
    pub fn detection(&self) -> Option<Detection<'a>> {
        match self {
            Self::Channel(instance) => instance.detection().map(Detection::Channel),
            Self::Blob(item) => Some(Detection::Blob(item.event())),
        }
    }

    /// The id of the template type that it was written for.
    pub fn template(&self) -> Option<TypeId> {
        match self {
            Self::Channel(instance) => instance.template().map(|template| template.id()),
            Self::Blob(item) => Some(TypeId(item.event().id())),
        }
    }

    /// What it does when it matches.
    pub fn effect(&self) -> Option<Effect> {
        match self {
            Self::Channel(instance) => instance.effect(),
            Self::Blob(item) => item.event().effect(),
        }
    }

    /// What an analyst is shown when it matches.
    pub fn name(&self) -> Option<Name<'a>> {
        match self {
            Self::Channel(instance) => instance.detection()?.id().map(Name::Id),
            Self::Blob(item) => Some(item.name()).filter(|name| !name.is_empty()).map(Name::Rule),
        }
    }

    /// Its criteria in order: one for every field in a channel file, in a blob those that there are.
    pub fn criteria(&self) -> impl Iterator<Item = Criterion<'a>> + use<'a> {
        let (instance, item) = match *self {
            Self::Channel(instance) => (Some(instance), None),
            Self::Blob(item) => (None, Some(item)),
        };
        let of_file = instance.into_iter().flat_map(|one| one.criteria()).map(Criterion::Channel);
        let of_blob =
            |item: sysmon::Item<'a>| item.filters().map(move |filter| Criterion::Blob { item, filter });
        of_file.chain(item.into_iter().flat_map(of_blob))
    }
}

impl<'a> Criterion<'a> {
    /// Its place in the file's structure.
    pub fn path(&self) -> Path {
        match self {
            Self::Channel(criterion) => criterion.path(),
            Self::Blob { filter, .. } => filter.path(),
        }
    }

    /// Its bytes: the row of its table, or the filter with its value.
    pub fn span(&self) -> Range<u64> {
        match self {
            Self::Channel(criterion) => criterion.span(),
            Self::Blob { filter, .. } => filter.span(),
        }
    }

    /// The instance that it belongs to.
    pub fn instance(&self) -> Instance<'a> {
        match self {
            Self::Channel(criterion) => Instance::Channel(criterion.instance()),
            Self::Blob { item, .. } => Instance::Blob(*item),
        }
    }

    /// The field that it is about.
    pub fn field(&self) -> FieldIndex {
        match self {
            Self::Channel(criterion) => criterion.field(),
            Self::Blob { filter, .. } => FieldIndex(filter.field()),
        }
    }

    /// Whether it matches every input, and the absence of one, by what it is: a filter never does.
    pub fn is_wildcard(&self) -> bool {
        match self {
            Self::Channel(criterion) => criterion.is_wildcard(),
            Self::Blob { .. } => false,
        }
    }

    /// What an analyst is shown when it matches: a filter may have a name of its own.
    pub fn name(&self) -> Option<Name<'a>> {
        let own = match self {
            Self::Channel(_) => None,
            Self::Blob { filter, .. } => Some(filter.name()).filter(|name| !name.is_empty()).map(Name::Rule),
        };
        own.or_else(|| self.instance().name())
    }
}
