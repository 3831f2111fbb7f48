//! What a release changes: the records of a file that the file before it does not have. And the neighbours of these: small
//! files that hold one or two of them and nothing else, so that making and judging one costs the same whatever the release.

use arbitrary::{Result, Unstructured};
use channel_contract::Contract;
use channel_parser::channel;
use channel_parser::draft::{Detection, Draft, Instance, TemplateType};
use channel_parser::model::TypeIndex;
use channel_parser::model::view::Content;
use channel_parser::sysmon::{self, draft as blob};
use channel_smith::mutate;
use std::collections::BTreeMap;

/// Records of one file.
///
/// ```
/// use channel_gate::neighbours::Changed;
/// use channel_parser::model::view::Content;
///
/// let rules = |value: &str| {
///     let head = "sysmon-rules 1\nversion 15.00 schema 4.70\n\nevent 1 default exclude combine or\n";
///     let filters = format!("  filter 4 operator 0: 'a'\n  filter 4 operator 0: '{value}'\n");
///     channel_parser::sysmon::assemble(&format!("{head}{filters}")).unwrap()
/// };
/// let (old, new) = (rules("b"), rules("c"));
/// let changed = Changed::of(&Content::parse(&new).unwrap(), Some(&Content::parse(&old).unwrap()));
/// assert_eq!((changed.len(), changed.all), (1, 2));
/// ```
pub struct Changed {
    /// How many records the file has.
    pub all: usize,
    records: Records,
}

/// By format, with what they need of the file around them.
enum Records {
    /// A channel file without detections, and the detections.
    Channel(Draft, Vec<Detection>),
    /// A blob without rules, and filters or groups of filters, each in the rules for its event.
    Blob(blob::Draft, Vec<blob::Event>),
}

impl Changed {
    /// Those that are not in the baseline; all if there is none. A detection is the same if it has the same id, and the same
    /// instances for the same template types; a filter or a group if it has the same in the rules for the same event.
    pub fn of(file: &Content<'_>, baseline: Option<&Content<'_>>) -> Self {
        match (file, baseline) {
            (Content::Channel(file), Some(Content::Channel(old))) => {
                Self::detections(Draft::from(file), Draft::from(old))
            }
            (Content::Channel(file), _) => Self::detections(Draft::from(file), Draft::default()),
            (Content::Blob(file), Some(Content::Blob(old))) => Self::rules(file.draft(), &old.draft()),
            (Content::Blob(file), _) => Self::rules(file.draft(), &blob::Draft::default()),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.records {
            Records::Channel(_, detections) => detections.len(),
            Records::Blob(_, rules) => rules.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether they are of a rule blob of Sysmon.
    pub fn is_blob(&self) -> bool {
        matches!(self.records, Records::Blob(..))
    }

    fn detections(mut draft: Draft, old: Draft) -> Self {
        let mut known = BTreeMap::<&str, Vec<&Detection>>::new();
        for detection in &old.detections {
            known.entry(&detection.id).or_default().push(detection);
        }
        let mut detections = std::mem::take(&mut draft.detections);
        let all = detections.len();
        detections.retain(|new| {
            let same = |old_one: &&Detection| {
                alike((&new.include, &draft.types), (&old_one.include, &old.types))
                    && alike((&new.exclude, &draft.types), (&old_one.exclude, &old.types))
            };
            !known.get(new.id.as_str()).is_some_and(|known| known.iter().any(same))
        });
        Self { all, records: Records::Channel(draft, detections) }
    }

    fn rules(mut draft: blob::Draft, old: &blob::Draft) -> Self {
        // Under another version the same numbers are of other fields.
        let known: Vec<_> = if old.version == draft.version {
            old.events.iter().flat_map(apart).collect()
        } else {
            Vec::new()
        };
        let all: Vec<_> = std::mem::take(&mut draft.events).iter().flat_map(apart).collect();
        let count = all.len();
        let rules = all.into_iter().filter(|rule| !known.contains(rule)).collect();
        Self { all: count, records: Records::Blob(draft, rules) }
    }

    /// One neighbour, for a sensor of this contract; `None` if it cannot be written.
    ///
    /// # Errors
    ///
    /// None but those of `arbitrary`, which a source of choices that is exhausted does not raise.
    pub(super) fn neighbour(&self, u: &mut Unstructured<'_>, contract: &Contract) -> Result<Option<Vec<u8>>> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut chosen = vec![u.choose_index(self.len())?];
        // What two records do to each other, one does not show.
        if u.ratio(1, 4)? {
            chosen.push(u.choose_index(self.len())?);
        }
        match &self.records {
            Records::Channel(around, detections) => {
                let chosen = chosen.iter().filter_map(|at| detections.get(*at)).cloned().collect();
                let mut draft = alone(around, chosen);
                mutate::records(u, &mut draft, contract)?;
                Ok(channel::encode(&draft).ok())
            }
            Records::Blob(around, rules) => {
                let events = chosen.iter().filter_map(|at| rules.get(*at)).cloned().collect();
                let mut draft = blob::Draft { events, ..around.clone() };
                mutate::rules(u, &mut draft)?;
                let groups = number_groups(&mut draft);
                draft.unlisted &= groups > 0;
                Ok(sysmon::encode(&draft).ok())
            }
        }
    }
}

/// Whether instances are the same, each by the template types of its file.
fn alike(new: (&[Instance], &[TemplateType]), old: (&[Instance], &[TemplateType])) -> bool {
    fn of<'t>(one: &Instance, types: &'t [TemplateType]) -> Option<&'t TemplateType> {
        types.get(one.template.0 as usize)
    }
    let same = |(a, b): (&Instance, &Instance)| a.criteria == b.criteria && of(a, new.1) == of(b, old.1);
    new.0.len() == old.0.len() && new.0.iter().zip(old.0).all(same)
}

/// The rules for an event, one by one; the numbers of groups and what the sensor writes into them are no part of what they
/// say.
fn apart(event: &blob::Event) -> impl Iterator<Item = blob::Event> + '_ {
    event.items.iter().map(|item| {
        let mut item = item.clone();
        if let blob::Item::Group(group) = &mut item {
            (group.id, group.memory) = (1, Default::default());
        }
        blob::Event { items: vec![item], ..*event }
    })
}

/// Gives each group the number of its place, and says how many there are.
fn number_groups(draft: &mut blob::Draft) -> u32 {
    let mut groups = 0u32;
    for item in draft.events.iter_mut().flat_map(|event| &mut event.items) {
        if let blob::Item::Group(group) = item {
            groups = groups.saturating_add(1);
            group.id = groups;
        }
    }
    groups
}

/// A file of these detections, with the template types that they are for and no other.
fn alone(around: &Draft, mut detections: Vec<Detection>) -> Draft {
    let mut types = Vec::new();
    for (index, template) in around.types.iter().enumerate() {
        let place = u32::try_from(types.len()).map(TypeIndex).unwrap_or_default();
        let mut used = false;
        for instance in detections.iter_mut().flat_map(|one| one.include.iter_mut().chain(&mut one.exclude)) {
            // No place is greater than the index it had, and these are looked for in their order.
            if instance.template.0 as usize == index {
                (instance.template, used) = (place, true);
            }
        }
        if used {
            types.push(template.clone());
        }
    }
    Draft { types, detections, extra: Vec::new(), ..*around }
}
