//! Sigma rules -> detections.
//!
//! Text is compared without case, unless `cased`; an absent input and an empty one differ; a negation holds on an
//! absent input. `null` and `exists: false` are *absent*, `*` and `exists: true` *present*. Searches without a field
//! look into the input `Message`, the rendered text of the event, where a template type supplies it.
//!
//! A log source can mean several template types (a registry event is a key made, a value set, a name changed): the
//! detection has instances for each. A field that only some of them supply is absent in the others. What is the same
//! in all events of a template type (the event id of a Sysmon event) needs no input.
//!
//! A log source, a field or a modifier that the sensor cannot serve refuses the rule; nothing is left out silently.

mod collection;
mod condition;
mod emit;
mod formula;
mod logsource;
mod lower;
mod plan;
mod refusal;
mod rule;
mod text;
mod value;
mod yaml;

pub use refusal::{Reason, Refusal};

use crate::map::DetectionPlace;
use crate::{SourceFile, SourceMap, Template, limits};
use channel_parser::draft::{Detection, Pattern, TemplateType};
use formula::Formula;
use lower::Target;
use plan::Plan;
use refusal::Fault;
use rule::{Name, Rule};
use std::collections::{HashMap, HashSet};

/// What became of the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compiled {
    /// The template types that the detections use, ascending by id.
    pub types: Vec<TemplateType>,
    /// One for each rule that was understood and can be served, in the order of the files' names.
    pub detections: Vec<Detection>,
    /// Where each part of the detections comes from.
    pub map: SourceMap,
    /// One for each rule, or file, that is not among the detections.
    pub refused: Vec<Refusal>,
}

/// How much was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Detections.
    pub detections: usize,
    /// Rules and files that were refused.
    pub refused: usize,
    /// Instances, over all detections.
    pub instances: usize,
    /// The most instances that a detection has.
    pub most_instances: usize,
    /// Patterns, over all instances.
    pub patterns: usize,
    /// Text operands, each counted once.
    pub strings: usize,
    /// The bytes of those.
    pub string_bytes: usize,
}

/// Compiles rules for the template types of a sensor. `licence` stands in the provenance of rules that name none.
///
/// The result depends on the files' names and bytes only, not on their order.
pub fn compile(sources: &[SourceFile], templates: &[Template], licence: &str) -> Compiled {
    let mut files: Vec<&SourceFile> = sources.iter().collect();
    files.sort_by(|a, b| (&a.name, &a.bytes).cmp(&(&b.name, &b.bytes)));
    let mut compiler = Compiler { templates, licence, ..Compiler::default() };
    for (number, file) in files.iter().enumerate() {
        compiler.file(u32::try_from(number).unwrap_or(u32::MAX), file);
    }
    let map = SourceMap::new(files.iter().map(|f| f.name.clone()).collect(), compiler.places);
    let mut compiled =
        Compiled { detections: compiler.detections, map, refused: compiler.refused, ..Compiled::default() };
    compiled.types = emit::number_types(templates, &mut compiled.detections);
    compiled
}

impl Compiled {
    /// Counts what was made.
    pub fn counts(&self) -> Counts {
        let mut counts =
            Counts { detections: self.detections.len(), refused: self.refused.len(), ..Counts::default() };
        let mut strings = HashSet::new();
        for detection in &self.detections {
            let here = detection.include.len().saturating_add(detection.exclude.len());
            counts.instances = counts.instances.saturating_add(here);
            counts.most_instances = counts.most_instances.max(here);
            let instances = detection.include.iter().chain(&detection.exclude);
            for pattern in
                instances.flat_map(|i| &i.criteria).flat_map(|c| &c.clauses).flat_map(|c| &c.patterns)
            {
                counts.patterns = counts.patterns.saturating_add(1);
                if let Pattern::Text { operand, .. } = pattern {
                    strings.insert(operand);
                }
            }
        }
        counts.strings = strings.len();
        counts.string_bytes = strings.iter().fold(0, |n, s| n.saturating_add(s.len()));
        counts
    }
}

#[derive(Default)]
struct Compiler<'c> {
    templates: &'c [Template],
    licence: &'c str,
    detections: Vec<Detection>,
    places: Vec<DetectionPlace>,
    refused: Vec<Refusal>,
    ids: HashMap<String, String>,
}

impl Compiler<'_> {
    fn file(&mut self, number: u32, file: &SourceFile) {
        let (documents, broken) = yaml::read(&file.bytes);
        for document in collection::rules(documents, broken.is_some()) {
            match document {
                Ok(document) => {
                    let name = rule::name(&document);
                    if let Err(fault) = self.rule(number, file, &document, &name) {
                        self.refuse(file, name, fault);
                    }
                }
                Err(fault) => self.refuse(file, Name::default(), fault),
            }
        }
        if let Some(fault) = broken {
            self.refuse(file, Name::default(), fault);
        }
    }

    fn refuse(&mut self, file: &SourceFile, name: Name, Fault { at, reason }: Fault) {
        let (source, Name { id, title }) = (file.name.clone(), name);
        self.refused.push(Refusal { source, line: at.0, column: at.1, id, title, reason });
    }

    fn rule(
        &mut self,
        number: u32,
        file: &SourceFile,
        document: &yaml::Node,
        name: &Name,
    ) -> Result<(), Fault> {
        let rule = rule::read(document)?;
        let first = format!("{}:{}:{}", file.name, rule.at.0, rule.at.1);
        if let Some(first) = self.ids.get(&name.id) {
            let at = document.get("id").map_or(rule.at, |e| e.at);
            return Err(Fault::new(at, Reason::DuplicateId { first: first.clone() }));
        }
        self.ids.insert(name.id.clone(), first);
        let plans = self.plans(&rule)?;
        if plans.is_empty() {
            return Err(Fault::new(rule.condition_at, Reason::NeverMatches));
        }
        let licence = rule.licence.as_deref().unwrap_or(self.licence);
        let (detection, place) = emit::detection(&rule, name, licence, (number, &file.name), &plans);
        self.detections.push(detection);
        self.places.push(place);
        Ok(())
    }

    /// The instances to be, for each template type that serves the rule's log source.
    fn plans(&self, rule: &Rule) -> Result<Vec<(usize, &Template, Plan)>, Fault> {
        let source = &rule.source;
        let row = logsource::find(source)
            .ok_or_else(|| Fault::new(source.at, Reason::UnknownLogSource(source.to_string())))?;
        let serving: Vec<(usize, &Template)> = self
            .templates
            .iter()
            .enumerate()
            .filter(|(_, t)| row.templates.contains(&t.name.as_str()))
            .collect();
        if serving.is_empty() {
            let reason = Reason::NoTemplate { source: source.to_string(), templates: row.templates.to_vec() };
            return Err(Fault::new(source.at, reason));
        }
        let siblings: Vec<&Template> = serving.iter().map(|(_, template)| *template).collect();
        let mut plans = Vec::new();
        let mut needed = 0usize;
        for (index, template) in serving {
            let target = Target { template, siblings: &siblings };
            let implied = target.events(row.events, source.at)?;
            let formula = Formula::and([implied, target.formula(&rule.condition, false)?]);
            let plan = plan::plan(formula).map_err(|reason| Fault::new(rule.condition_at, reason))?;
            needed = needed.saturating_add(plan.include.len()).saturating_add(plan.exclude.len());
            if !plan.include.is_empty() {
                plans.push((index, template, plan));
            }
        }
        if needed > limits::INSTANCES {
            let reason = Reason::TooManyInstances { needed, limit: limits::INSTANCES };
            return Err(Fault::new(rule.condition_at, reason));
        }
        Ok(plans)
    }
}
