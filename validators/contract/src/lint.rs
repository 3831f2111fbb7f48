//! Finds contracts that contradict themselves. Content plays no part in it: that is the validators' matter.

use crate::{Contract, TemplateType, Width};
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use channel_parser::model::InputType;
use core::fmt;

/// One contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintFinding {
    /// Which of [`LINTS`] it is.
    pub code: &'static str,
    /// Where in the contract: `types[7].fields[20]`, with the type's id and the field's index.
    pub path: String,
    /// One sentence, with the numbers that disagree.
    pub message: String,
}

impl fmt::Display for LintFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.path, self.message)
    }
}

/// Every code with what it stands for. Codes are never reused.
pub const LINTS: &[(&str, &str)] = &[
    ("CG371", "a call site supplies fewer inputs than its template type defines"),
    ("CG372", "a call site supplies more inputs than its template type defines"),
    ("CG373", "a record has no checksum"),
    ("CG374", "two fields of a template type have one name"),
    ("CG375", "a template type has no fields"),
    ("CG376", "the template types are not ascending by id, each id once"),
    ("CG377", "a limit is zero"),
    ("CG378", "an instance cap is more than the sensor can load"),
    ("CG379", "the interpreter implements no operator"),
    ("CG380", "an operator has no input that it could read"),
    ("CG381", "an input has no operator that could read it"),
    ("CG382", "the longest text of a field makes no sense"),
    ("CG383", "a number can grow past the bits that store it"),
    ("CG384", "a name or version is empty"),
    ("CG385", "the sensor has no template type"),
    ("CG386", "two template types have one name"),
    ("CG387", "an id or count of a template type does not fit the bits that store it"),
    ("CG388", "the filter operators of Sysmon are none, or two have one name"),
    ("CG389", "an event has more fields than Sysmon can remember as matched"),
    ("CG390", "the events of Sysmon contradict each other"),
];

/// The fields that Sysmon's interpreter remembers as matched, a bit each.
const MASK: u32 = 64;

/// Everything about a contract that contradicts itself, what supplies too little first.
///
/// ```
/// use channel_contract::{Contract, TemplateType, lint};
/// use channel_parser::model::TypeId;
///
/// let ipc = TemplateType { id: TypeId(7), name: "ipc".into(), supplied: 1, ..Default::default() };
/// let findings = lint(&Contract { types: vec![ipc], ..Default::default() });
/// assert_eq!(findings[0].code, "CG372");
/// assert_eq!(findings[0].message, "\"ipc\" defines 0 fields and its call site supplies 1");
/// ```
pub fn lint(contract: &Contract) -> Vec<LintFinding> {
    let mut lint = Lint { contract, findings: Vec::new() };
    lint.whole();
    lint.limits();
    lint.operators();
    lint.sysmon();
    for template in &contract.types {
        lint.template(template);
        lint.fields(template);
    }
    lint.findings.sort_by_key(|finding| finding.code);
    lint.findings
}

struct Lint<'a> {
    contract: &'a Contract,
    findings: Vec<LintFinding>,
}

impl Lint<'_> {
    fn find(&mut self, code: &'static str, path: impl Into<String>, message: impl Into<String>) {
        self.findings.push(LintFinding { code, path: path.into(), message: message.into() });
    }

    fn whole(&mut self) {
        let Contract { sensor, types, sealed, .. } = self.contract;
        if !sealed {
            self.find("CG373", "sensor", "a record has no checksum; seal the binary");
        }
        let texts = [&sensor.name, &sensor.version, &sensor.platform, &sensor.build_id];
        for (key, text) in ["name", "version", "platform", "build_id"].into_iter().zip(texts) {
            if text.is_empty() {
                self.find("CG384", format!("sensor.{key}"), format!("the sensor's {key} is empty"));
            }
        }
        if types.is_empty() {
            self.find("CG385", "types", "the sensor has 0 template types, so no content can do anything");
        }
        for (one, next) in types.iter().zip(types.iter().skip(1)) {
            if next.id <= one.id {
                let message = format!("id {} comes after id {}", next.id, one.id);
                self.find("CG376", format!("types[{}]", next.id), message);
            }
        }
        let mut names = BTreeMap::new();
        for template in types {
            let Some((other, event)) = names.insert(&template.name, (template.id, template.event)) else {
                continue;
            };
            // Events of Sysmon that a configuration filters together have one name and one default.
            if event.is_some() && event == template.event {
                continue;
            }
            if event.is_some() && template.event.is_some() {
                let message =
                    format!("events {other} and {} are both \"{}\" but differ", template.id, template.name);
                self.find("CG390", format!("types[{}].event", template.id), message);
            } else {
                let message =
                    format!("types {other} and {} are both named \"{}\"", template.id, template.name);
                self.find("CG386", format!("types[{}].name", template.id), message);
            }
        }
    }

    fn limits(&mut self) {
        let limits = self.contract.limits;
        let numbers = [
            ("file_bytes", limits.file_bytes),
            ("detections", limits.detections.into()),
            ("instances", limits.instances.into()),
            ("clauses_per_criterion", limits.clauses_per_criterion.into()),
            ("patterns_per_clause", limits.patterns_per_clause.into()),
            ("operand_bytes", limits.operand_bytes.into()),
            ("automaton_bytes", limits.automaton_bytes),
            ("work_per_event", limits.work_per_event),
        ];
        for (name, n) in numbers {
            if n == 0 {
                let message = format!("{name} is 0, which allows no content at all");
                self.find("CG377", format!("limits.{name}"), message);
            }
        }
        let instances = limits.instances.into();
        let widths = limits.widths;
        self.width("CG383", "instances", widths.instances, instances, "limits.instances");
        self.width("CG383", "detections", widths.detections, limits.detections.into(), "limits.detections");
        let what = "limits.instances, all of which may match one event,";
        self.width("CG383", "match_count", widths.match_count, instances, what);
    }

    fn width(&mut self, code: &'static str, name: &str, width: Width, n: u64, what: &str) {
        if !width.holds(n) {
            let message = format!("{name} is stored in {width}, at most {}, but {what} is {n}", width.max());
            self.find(code, format!("limits.widths.{name}"), message);
        }
    }

    fn operators(&mut self) {
        let Contract { operators, types, .. } = self.contract;
        if operators.is_empty() {
            self.find("CG379", "operators", "the interpreter implements 0 operators");
        }
        // Without any operator, or any template type, nothing is said of each input, or operator, once more.
        if operators.is_empty() || types.is_empty() {
            return;
        }
        let count = |input| types.iter().flat_map(|t| &t.fields).filter(|field| field.input == input).count();
        for operator in operators.iter() {
            if let Some(input) = operator.reads().filter(|input| count(*input) == 0) {
                let message = format!("\"{operator}\" reads {input}, and 0 fields are that");
                self.find("CG380", "operators", message);
            }
        }
        for input in InputType::ALL {
            let fields = count(*input);
            if fields > 0 && !operators.iter().any(|operator| operator.reads() == Some(*input)) {
                let message = format!("{fields} fields are {input}, and 0 operators read that");
                self.find("CG381", "operators", message);
            }
        }
    }

    fn sysmon(&mut self) {
        let Contract { sysmon, types, .. } = self.contract;
        let Some(sysmon) = sysmon else {
            for template in types.iter().filter(|template| template.event.is_some()) {
                let message = format!("\"{}\" is an event of Sysmon, and the sensor is not", template.name);
                self.find("CG390", format!("types[{}].event", template.id), message);
            }
            return;
        };
        if sysmon.filters.is_empty() {
            self.find("CG388", "sysmon.filters", "there are 0 filter operators");
        }
        let mut names = BTreeMap::new();
        for (n, name) in sysmon.filters.iter().enumerate() {
            if let Some(other) = names.insert(name, n) {
                let message = format!("operators {other} and {n} are both named \"{name}\"");
                self.find("CG388", format!("sysmon.filters[{n}]"), message);
            }
        }
        for template in types.iter().filter(|template| template.defined() > MASK) {
            let (name, defined) = (&template.name, template.defined());
            let message =
                format!("\"{name}\" defines {defined} fields, and a mask of {MASK} bits remembers them");
            self.find("CG389", format!("types[{}].fields", template.id), message);
        }
    }

    fn template(&mut self, template: &TemplateType) {
        let TemplateType { id, revision, channel, name, instance_cap, supplied, .. } = template;
        let path = |rest: &str| format!("types[{id}]{rest}");
        let defined = template.defined();
        let both = || format!("\"{name}\" defines {defined} fields and its call site supplies {supplied}");
        if *supplied < defined {
            self.find("CG371", path(".supplied"), both());
        }
        if *supplied > defined {
            self.find("CG372", path(".supplied"), both());
        }
        if defined == 0 {
            self.find("CG375", path(".fields"), format!("\"{name}\" defines 0 fields"));
        }
        if name.is_empty() {
            self.find("CG384", path(".name"), format!("the name of type {id} is empty"));
        }
        let limit = self.contract.limits.instances;
        if *instance_cap == 0 {
            let message = format!("the instance cap of \"{name}\" is 0, so no content can use the type");
            self.find("CG377", path(".instance_cap"), message);
        } else if *instance_cap > limit {
            let message =
                format!("the instance cap of \"{name}\" is {instance_cap}, but limits.instances is {limit}");
            self.find("CG378", path(".instance_cap"), message);
        }
        let widths = self.contract.limits.widths;
        let numbers = [
            ("channel", widths.channel, channel.0, "channel"),
            ("type_id", widths.type_id, id.0, "id"),
            ("type_revision", widths.type_revision, revision.0, "revision"),
            ("fields_per_instance", widths.fields_per_instance, defined, "number of fields"),
            ("instances", widths.instances, *instance_cap, "instance cap"),
        ];
        for (key, width, n, what) in numbers {
            self.width("CG387", key, width, n.into(), &format!("the {what} of \"{name}\""));
        }
    }

    fn fields(&mut self, template: &TemplateType) {
        let mut names = BTreeMap::new();
        for (n, field) in template.fields.iter().enumerate() {
            let path = format!("types[{}].fields[{n}]", template.id);
            let name = &field.name;
            if name.is_empty() {
                self.find("CG384", path.to_string(), format!("the name of field {n} is empty"));
            } else if let Some(other) = names.insert(name, n) {
                self.find(
                    "CG374",
                    path.to_string(),
                    format!("fields {other} and {n} are both named \"{name}\""),
                );
            }
            if field.input == InputType::Text && field.max_bytes == 0 {
                self.find("CG382", path, format!("the longest text of \"{name}\" is 0 bytes"));
            } else if field.input != InputType::Text && field.max_bytes != 0 {
                let message = format!("\"{name}\" is {} and has {} bytes", field.input, field.max_bytes);
                self.find("CG382", path, message);
            }
        }
    }
}
