//! A rule blob, worked out once for all rules and sensors, and the same beside one sensor: which field each filter
//! meant, and which it finds there.

use crate::{Member, Subject};
use channel_contract::sysmon::{Sysmon, Version, schemas};
use channel_contract::{Contract, Field, TemplateType};
use channel_parser::model::{FieldIndex, TypeId};
use channel_parser::sysmon::{Aggregation, Blob, Combine, Event, Filter};
use std::collections::BTreeMap;
use std::ops::Range;

/// A blob whose lists can be followed.
pub struct BlobContent<'a> {
    /// The blob as it was read.
    pub subject: &'a Subject<'a>,
    /// Its structures, in place.
    pub blob: &'a Blob<'a>,
    /// The schema that its compiler wrote positions of. Its version tells; the schema in its header is only what the
    /// configuration asked for, and chooses among those of one version.
    pub compiler: Option<&'static Contract>,
    guessed: bool,
    events: Vec<BlobEvent<'a>>,
    filters: Vec<BlobFilter<'a>>,
    groups: Vec<Aggregation<'a>>,
}

/// The rules for one event id.
pub struct BlobEvent<'a> {
    /// As the blob has them.
    pub event: Event<'a>,
    /// The event that its compiler meant.
    pub meant: Option<&'static TemplateType>,
    filters: Range<usize>,
}

/// What a filter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LooksAt {
    /// The name of the rules, and that of the field.
    Known(&'static str, &'static str),
    /// The numbers of the event and of the field.
    Unknown(u32, u32),
}

/// One filter, with what its numbers meant to its compiler.
pub struct BlobFilter<'a> {
    /// As the blob has it.
    pub filter: Filter<'a>,
    /// The name of the field.
    pub field: Option<&'static str>,
    /// The name of the operator.
    pub operator: Option<&'static str>,
    group: Option<usize>,
}

impl<'a> BlobContent<'a> {
    /// Works it out.
    pub fn new(subject: &'a Subject<'a>, blob: &'a Blob<'a>) -> Self {
        let (compiler, guessed) = compiler_of(blob, subject.made.compiler);
        let groups: Vec<_> = blob.aggregations().collect();
        let places: BTreeMap<_, _> = groups.iter().enumerate().map(|(at, one)| (one.offset(), at)).collect();
        let operators = compiler.and_then(|contract| contract.sysmon.as_ref()).map(|sysmon| &sysmon.filters);
        let (mut events, mut filters) = (Vec::new(), Vec::new());
        for event in blob.events() {
            let meant = compiler.and_then(|contract| contract.template(TypeId(event.id())));
            let first = filters.len();
            filters.extend(event.filters().map(|filter| {
                BlobFilter {
                    field: meant
                        .and_then(|event| event.field(FieldIndex(filter.field())))
                        .map(|field| field.name.as_str()),
                    operator: operators
                        .and_then(|all| all.get(filter.operator() as usize))
                        .map(String::as_str),
                    group: filter.aggregation().and_then(|(_, at)| places.get(&at).copied()),
                    filter,
                }
            }));
            events.push(BlobEvent { event, meant, filters: first..filters.len() });
        }
        Self { subject, blob, compiler, guessed, events, filters, groups }
    }

    /// Whether several schemas could have been the compiler's, and nothing says which.
    pub(crate) fn is_guessed(&self) -> bool {
        self.guessed
    }

    /// The rules for each event, in order.
    pub fn events(&self) -> &[BlobEvent<'a>] {
        &self.events
    }

    /// The filters of an event, those of its groups too.
    pub fn filters_of(&self, event: &BlobEvent<'a>) -> &[BlobFilter<'a>] {
        self.filters.get(event.filters.clone()).unwrap_or_default()
    }

    /// Every filter with its event.
    pub fn filters(&self) -> impl Iterator<Item = (&BlobEvent<'a>, &BlobFilter<'a>)> {
        self.events.iter().flat_map(|event| self.filters_of(event).iter().map(move |filter| (event, filter)))
    }

    /// The groups, in the order of the bytes.
    pub fn groups(&self) -> &[Aggregation<'a>] {
        &self.groups
    }

    /// The group that a filter is in.
    pub fn group_of(&self, filter: &BlobFilter<'a>) -> Option<&Aggregation<'a>> {
        self.groups.get(filter.group?)
    }

    /// What a filter looks at: a field by its name in the events that share the rules' name, such as those of the registry,
    /// whose rules the sensor keeps in one list; by numbers where nobody knows what they meant.
    pub(crate) fn looks_at(&self, event: &BlobEvent<'a>, filter: &BlobFilter<'a>) -> LooksAt {
        match (event.meant, filter.field) {
            (Some(meant), Some(field)) => LooksAt::Known(&meant.name, field),
            _ => LooksAt::Unknown(event.event.id(), filter.filter.field()),
        }
    }

    /// Whether a filter that matches decides by itself, whatever the others do.
    pub fn decides(&self, event: &BlobEvent<'a>, filter: &BlobFilter<'a>) -> bool {
        match self.group_of(filter) {
            Some(group) => group.combine() == Some(Combine::Or) || group.count() == 1,
            None => event.event.combine() == Some(Combine::Or) || event.filters.len() == 1,
        }
    }
}

/// The schema whose tables a blob was compiled with, and whether that is a guess: the one that is known, if it writes blobs
/// of this version; else the one in the header; else the newest that does.
fn compiler_of(blob: &Blob<'_>, known: Option<&'static Contract>) -> (Option<&'static Contract>, bool) {
    let asked = blob.schema().and_then(|schema| Version::from_number(schema.0));
    let sysmon = |contract: &&'static Contract| contract.sysmon.as_ref();
    let writes = |one: &&'static Contract| {
        sysmon(one).is_some_and(|sysmon| sysmon.binary.number() == blob.version().0)
    };
    let candidates = || schemas().filter(writes);
    if known.as_ref().is_some_and(writes) {
        return (known, false);
    }
    let named = candidates().find(|one| sysmon(one).map(|sysmon| sysmon.schema) == asked);
    let guessed = named.is_none() && candidates().nth(1).is_some();
    (named.or_else(|| candidates().last()), guessed)
}

/// A blob beside one sensor that reads blobs.
pub struct BlobPairing<'a> {
    /// The blob.
    pub content: &'a BlobContent<'a>,
    /// The sensor.
    pub member: &'a Member,
    /// What the sensor has besides, being Sysmon.
    pub sysmon: &'a Sysmon,
    types: Vec<Option<&'a TemplateType>>,
}

/// What a filter finds at its position on a sensor.
pub enum Fit<'a> {
    /// The field that was meant, or nobody knows which one that was.
    Same,
    /// Another field.
    Another(&'a Field),
    /// Nothing: it never matches.
    Dead,
}

impl<'a> BlobPairing<'a> {
    /// Puts a blob beside a sensor.
    pub fn new(content: &'a BlobContent<'a>, member: &'a Member) -> Option<Self> {
        let sysmon = member.contract.sysmon.as_ref()?;
        let find = |event: &BlobEvent<'a>| {
            let id = TypeId(event.event.id());
            member.contract.types.iter().find(|one| one.id == id && one.event.is_some())
        };
        let types = content.events.iter().map(find).collect();
        Some(Self { content, member, sysmon, types })
    }

    /// The sensor's contract.
    pub fn contract(&self) -> &'a Contract {
        &self.member.contract
    }

    /// The rules for each event, with the event as the sensor has it.
    pub fn events(&self) -> impl Iterator<Item = (&'a BlobEvent<'a>, Option<&'a TemplateType>)> {
        self.content.events.iter().zip(self.types.iter().copied())
    }

    /// The filters of events that the sensor has.
    pub fn filters(&self) -> impl Iterator<Item = OnSensor<'a>> {
        self.events().filter_map(|(event, there)| Some((event, there?))).flat_map(|(event, sensor)| {
            let filters = self.content.filters_of(event).iter();
            filters.map(move |filter| OnSensor { event, filter, sensor })
        })
    }
}

/// A filter, and the event of the sensor that it is for.
pub struct OnSensor<'a> {
    /// The rules that it is among.
    pub event: &'a BlobEvent<'a>,
    /// It.
    pub filter: &'a BlobFilter<'a>,
    /// The event.
    pub sensor: &'a TemplateType,
}

impl<'a> OnSensor<'a> {
    /// What the filter finds there.
    pub fn fit(&self) -> Fit<'a> {
        fit(self.filter, self.sensor)
    }
}

/// What a filter finds in an event.
pub fn fit<'a>(filter: &BlobFilter<'_>, sensor: &'a TemplateType) -> Fit<'a> {
    let index = FieldIndex(filter.filter.field());
    match sensor.field(index).filter(|_| sensor.is_supplied(index)) {
        None => Fit::Dead,
        Some(there) if filter.field.is_some_and(|meant| meant != there.name) => Fit::Another(there),
        Some(_) => Fit::Same,
    }
}
