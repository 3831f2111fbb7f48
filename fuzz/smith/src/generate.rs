//! Content that suits a contract in every respect, so that a validator that finds something wrong with it is wrong
//! itself: no limit is exceeded, no input is read that is not supplied, nothing is said twice.

mod blob;
mod contract;
mod operand;

pub use blob::blob;
pub use contract::{contract, sound_contract};

use crate::Config;
use arbitrary::{Result, Unstructured};
use channel_contract::{Contract, TemplateType};
use channel_parser::channel::encode;
use channel_parser::draft::{self, Clause, Criterion, Detection, Draft, ExtraSection, Instance, Provenance};
use channel_parser::model::*;
use channel_parser::sysmon;
pub(crate) use operand::Operands;

/// What of the contract's room is left.
struct Room<'c> {
    contract: &'c Contract,
    config: &'c Config,
    detections: u64,
    instances: u64,
    patterns: u64,
    /// For each template type: instances and patterns.
    types: Vec<(u64, u64)>,
}

/// Content for a sensor; `None` for one that cannot load any: it has no template type with an input, or room for nothing.
///
/// # Errors
///
/// None but those of `arbitrary`, which a source of choices that is exhausted does not raise.
pub fn content(u: &mut Unstructured<'_>, contract: &Contract, config: &Config) -> Result<Option<Draft>> {
    let Some(types) = types(u, contract, config)? else { return Ok(None) };
    let widths = contract.limits.widths;
    let up_to = |u: &mut Unstructured<'_>, width: channel_contract::Width| {
        let most = u32::try_from(width.max()).unwrap_or(u32::MAX).min(99_999_999);
        u.int_in_range(0..=most)
    };
    let room = |template: &&TemplateType| {
        let most = u64::from(template.instance_cap).min(widths.match_count.max());
        (most, contract.limits.work_per_event)
    };
    let mut room = Room {
        contract,
        config,
        detections: widths.detections.max().min(contract.limits.detections.into()),
        instances: widths.instances.max().min(contract.limits.instances.into()),
        patterns: widths.patterns.max(),
        types: types.iter().map(room).collect(),
    };
    let channel = types.first().map(|template| template.channel).unwrap_or_default();
    let mut draft = Draft {
        channel,
        part: Part(up_to(u, widths.part)?),
        revision: ContentRevision(up_to(u, widths.content_revision)?),
        types: types.iter().map(|template| declared(template)).collect(),
        detections: Vec::new(),
        extra: if config.extra_sections { vec![extra(u)?] } else { Vec::new() },
    };
    let mut operands = Operands::new(contract, config);
    for _ in 0..u.int_in_range(1..=config.detections.max(1))? {
        if let Some(detection) = room.detection(u, &types, draft.detections.len(), &mut operands)? {
            draft.detections.push(detection);
        }
    }
    while encode(&draft).map_or(u64::MAX, |bytes| bytes.len() as u64) > contract.limits.file_bytes {
        if draft.detections.pop().is_none() {
            return Ok(None);
        }
    }
    Ok((!draft.detections.is_empty()).then_some(draft))
}

/// A file of the format that a sensor reads: a channel file, or the rule blob of a Sysmon. `None` as for [`content`].
///
/// # Errors
///
/// As [`content`].
pub fn file(u: &mut Unstructured<'_>, contract: &Contract, config: &Config) -> Result<Option<Vec<u8>>> {
    if contract.sysmon.is_some() {
        return Ok(blob(u, contract, config)?.and_then(|draft| sysmon::encode(&draft).ok()));
    }
    Ok(content(u, contract, config)?.and_then(|draft| encode(&draft).ok()))
}

/// Template types of one channel that content can use, ascending by id.
fn types<'c>(
    u: &mut Unstructured<'_>,
    contract: &'c Contract,
    config: &Config,
) -> Result<Option<Vec<&'c TemplateType>>> {
    let widths = contract.limits.widths;
    let fits = |template: &&TemplateType| {
        let named = !template.name.is_empty() && template.fields.iter().all(|field| !field.name.is_empty());
        named
            && template.supplied > 0
            && widths.channel.holds(template.channel.0.into())
            && widths.type_id.holds(template.id.0.into())
            && widths.type_revision.holds(template.revision.0.into())
            && widths.fields_per_instance.holds(template.defined().into())
    };
    let usable: Vec<_> = contract.types.iter().filter(fits).collect();
    if usable.is_empty() {
        return Ok(None);
    }
    let channel = u.choose(&usable)?.channel;
    let mut chosen = Vec::new();
    let mut same: Vec<_> = usable.into_iter().filter(|template| template.channel == channel).collect();
    while !same.is_empty() && (chosen.len() as u64) < u64::from(config.types.max(1)) {
        chosen.push(same.remove(u.choose_index(same.len())?));
        if u.ratio(1, 3)? {
            break;
        }
    }
    chosen.sort_by_key(|template| template.id);
    Ok(Some(chosen))
}

fn declared(template: &TemplateType) -> draft::TemplateType {
    let fields = template.fields.iter().map(|field| field.name.clone()).collect();
    draft::TemplateType { id: template.id, revision: template.revision, name: template.name.clone(), fields }
}

/// A section that no reader knows.
fn extra(u: &mut Unstructured<'_>) -> Result<ExtraSection> {
    let length = u.int_in_range(0..=40usize)?;
    let bytes = (0..length).map(|_| u.arbitrary()).collect::<Result<_>>()?;
    Ok(ExtraSection { name: *b"zzzz", bytes })
}

impl Room<'_> {
    fn detection(
        &mut self,
        u: &mut Unstructured<'_>,
        types: &[&TemplateType],
        number: usize,
        operands: &mut Operands<'_>,
    ) -> Result<Option<Detection>> {
        if self.detections == 0 {
            return Ok(None);
        }
        let (mut include, mut exclude) = (Vec::new(), Vec::new());
        for nth in 0..u.int_in_range(1..=self.config.instances.max(1))? {
            let excludes = nth > 0 && u.ratio(1, 4)?;
            if let Some(instance) = self.instance(u, types, operands)? {
                if excludes { exclude.push(instance) } else { include.push(instance) }
            }
        }
        if include.is_empty() {
            // What it took of the room is not given back: less room is room too.
            return Ok(None);
        }
        self.detections -= 1;
        let provenance = Provenance {
            title: format!("Generated {number}"),
            author: "channel-smith".into(),
            licence: "CC0-1.0".into(),
            source: String::new(),
        };
        let level = *u.choose(Level::ALL)?;
        Ok(Some(Detection { id: format!("generated-{number}"), level, provenance, include, exclude }))
    }

    fn instance(
        &mut self,
        u: &mut Unstructured<'_>,
        types: &[&TemplateType],
        operands: &mut Operands<'_>,
    ) -> Result<Option<Instance>> {
        let index = u.choose_index(types.len())?;
        let (Some(template), Some(room)) = (types.get(index), self.types.get(index).copied()) else {
            return Ok(None);
        };
        if self.instances == 0 || room.0 == 0 {
            return Ok(None);
        }
        let mut left = self.patterns.min(room.1);
        let before = left;
        let mut criteria = vec![Criterion::wildcard(); template.fields.len()];
        let certain = u.choose_index(template.supplied.min(template.defined()).max(1) as usize)?;
        for (at, (field, criterion)) in template.fields.iter().zip(&mut criteria).enumerate() {
            let supplied = (at as u64) < u64::from(template.supplied);
            if supplied && (at == certain || u.ratio(self.config.density.min(100), 100u8)?) {
                *criterion = self.criterion(u, field, &mut left, operands)?;
            }
        }
        if criteria.iter().all(Criterion::is_wildcard) {
            return Ok(None);
        }
        self.instances -= 1;
        self.patterns -= before - left;
        if let Some((instances, patterns)) = self.types.get_mut(index) {
            *instances -= 1;
            *patterns -= before - left;
        }
        let template = TypeIndex(u32::try_from(index).unwrap_or(u32::MAX));
        Ok(Some(Instance { template, criteria }))
    }

    fn criterion(
        &self,
        u: &mut Unstructured<'_>,
        field: &channel_contract::Field,
        left: &mut u64,
        operands: &mut Operands<'_>,
    ) -> Result<Criterion> {
        let limits = self.contract.limits;
        let most = |config: u32, limit: u32| config.min(limit);
        let (clauses, patterns) = (
            most(self.config.clauses, limits.clauses_per_criterion),
            most(self.config.patterns, limits.patterns_per_clause),
        );
        let mut criterion = Criterion::wildcard();
        if clauses == 0 || patterns == 0 {
            return Ok(criterion);
        }
        for _ in 0..u.int_in_range(1..=clauses)? {
            let mut clause = Clause { quantifier: *u.choose(Quantifier::ALL)?, patterns: Vec::new() };
            for _ in 0..u.int_in_range(1..=patterns)? {
                if *left == 0 {
                    break;
                }
                if let Some(pattern) = operands.pattern(u, field)?
                    && !clause.patterns.contains(&pattern)
                {
                    *left -= 1;
                    clause.patterns.push(pattern);
                }
            }
            if !clause.patterns.is_empty() {
                criterion.clauses.push(clause);
            }
        }
        Ok(criterion)
    }
}
