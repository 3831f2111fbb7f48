//! Instances to be -> detections, with a place for each part: the two are made together, so that they cannot differ.

use super::formula::{Conjunction, Literal};
use super::plan::Plan;
use super::rule::{Name, Rule};
use crate::Template;
use crate::map::{At, CriterionPlace, DetectionPlace, InstancePlace};
use channel_parser::draft::{Criterion, Detection, Instance, Provenance, TemplateType};
use channel_parser::model::TypeIndex;

/// A detection and its places. Its instances name their template by its position in the caller's list, until
/// [`number_types`].
pub(super) fn detection(
    rule: &Rule,
    name: &Name,
    licence: &str,
    (file, source): (u32, &str),
    plans: &[(usize, &Template, Plan)],
) -> (Detection, DetectionPlace) {
    let mut places = Vec::new();
    let mut instances = |rows: fn(&Plan) -> &[Conjunction]| -> Vec<Instance> {
        let all = plans
            .iter()
            .flat_map(|(index, template, plan)| rows(plan).iter().map(move |r| (*index, *template, r)));
        all.map(|(index, template, row)| {
            let (instance, place) = instance(index, template, row, rule.condition_at);
            places.push(place);
            instance
        })
        .collect()
    };
    let include = instances(|plan| &plan.include);
    let exclude = instances(|plan| &plan.exclude);
    let detection = Detection {
        id: name.id.clone(),
        level: rule.level,
        provenance: Provenance {
            title: name.title.clone(),
            author: rule.author.clone(),
            licence: licence.to_string(),
            source: source.to_string(),
        },
        include,
        exclude,
    };
    (detection, DetectionPlace(file, rule.at.0, rule.at.1, places))
}

fn instance(index: usize, template: &Template, row: &[Literal], otherwise: At) -> (Instance, InstancePlace) {
    let at = row.first().map_or(otherwise, |literal| literal.at);
    let mut criteria =
        vec![Criterion::wildcard(); template.inputs.len().saturating_add(template.unsupplied.len())];
    let mut places: Vec<CriterionPlace> = Vec::new();
    for literal in row {
        let Some(criterion) = criteria.get_mut(literal.field) else { continue };
        if channel_parser::planted!("one-clause-a-field") {
            criterion.clauses.clear();
        }
        criterion.clauses.push(literal.clause.as_ref().clone());
        let field = number(literal.field);
        match places.binary_search_by_key(&field, |p| p.0) {
            Ok(known) => places.get_mut(known).into_iter().for_each(|p| p.3.push(literal.at)),
            Err(new) => {
                places.insert(new, CriterionPlace(field, literal.at.0, literal.at.1, vec![literal.at]))
            }
        }
    }
    (Instance { template: TypeIndex(number(index)), criteria }, InstancePlace(at.0, at.1, places))
}

/// Makes the list of template types that are used, ascending by id, and lets the instances name them in it.
pub(super) fn number_types(templates: &[Template], detections: &mut [Detection]) -> Vec<TemplateType> {
    let all = detections.iter().flat_map(|d| d.include.iter().chain(&d.exclude));
    let mut used: Vec<TypeIndex> = all.map(|instance| instance.template).collect();
    used.sort_unstable();
    used.dedup();
    let mut types: Vec<(TypeIndex, &Template)> = used
        .into_iter()
        .filter_map(|index| Some((index, templates.get(usize::try_from(index.0).ok()?)?)))
        .collect();
    types.sort_by_key(|(_, template)| template.id);
    for instance in detections.iter_mut().flat_map(|d| d.include.iter_mut().chain(&mut d.exclude)) {
        if let Some(position) = types.iter().position(|(index, _)| *index == instance.template) {
            instance.template = TypeIndex(number(position));
        }
    }
    types.into_iter().map(|(_, template)| template_type(template)).collect()
}

fn template_type(template: &Template) -> TemplateType {
    TemplateType {
        id: template.id,
        revision: template.revision,
        name: template.name.clone(),
        fields: template
            .inputs
            .iter()
            .map(|input| &input.name)
            .chain(&template.unsupplied)
            .cloned()
            .collect(),
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
