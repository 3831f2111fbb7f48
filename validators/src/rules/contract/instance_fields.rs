//! An instance has exactly one criterion for every field of its template type.

use super::contract;
use crate::rules::{Check, Rule};
use crate::{ChannelContent, Finding, Findings};

#[doc = include_str!("instance_fields.md")]
pub static RULE: Rule = contract(
    307,
    "instance-fields",
    "an instance has exactly one criterion for every field of its template type",
    include_str!("instance_fields.md"),
    Check::Content(check),
);

fn check(rule: &'static Rule, content: &ChannelContent<'_>, findings: &mut Findings) {
    for instance in content.file.instances() {
        let Some(template) = instance.template() else { continue };
        let (declared, found) = (template.field_count(), instance.field_count());
        if declared != found {
            let message = format!(
                "the instance has {found} criteria, but its template type {} declares {declared} fields",
                template.id()
            );
            findings.push(
                Finding::new(rule, instance.path().then("criterion_end"), message)
                    .at(instance.field_count_span(), format!("ends {found} criteria"))
                    .sides(format!("{declared} criteria"), format!("{found} criteria"))
                    .also(template.field_count_span(), format!("ends {declared} fields"))
                    .also(instance.template_span(), "the instance's template type")
                    .help("write the instance anew for the fields that its template type has now"),
            );
        }
    }
}
