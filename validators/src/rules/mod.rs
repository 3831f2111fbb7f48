//! The rules: each a file with its data and its check, a page beside it, fixtures in `corpus/rules/<name>/`, and a line
//! in the one list below. `cargo xtask new-rule` writes all four; a test names whichever is missing.

pub mod contract;
pub mod limits;
pub mod meaning;
pub mod structure;

use crate::pairing::ChannelContent;
use crate::report::Escaped;
use crate::{BlobContent, BlobPairing, Code, Findings, Member, Pairing, Severity, Subject};
use channel_parser::Format;

/// One check: of the validator, or of another crate that looks at content in a way of its own (`C`).
#[derive(Clone, Copy)]
pub struct Rule<C = Check> {
    /// Its code, never reused.
    pub code: Code,
    /// Its name, which is also that of its file, its page and its fixtures.
    pub name: &'static str,
    /// What it demands, in one sentence.
    pub summary: &'static str,
    /// What its findings do to the verdict.
    pub severity: Severity,
    /// What it checks, why it matters, bad, good, how to fix: the text of `contentgate explain`.
    pub page: &'static str,
    /// What it looks at, and how.
    pub check: C,
    /// The same for the other format, if it means the same there.
    pub also: Option<C>,
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub enum Check {
    /// Bytes that may be no content at all.
    Any(fn(&'static Rule, &Subject<'_>, &mut Findings)),
    /// Bytes of a known format, whichever it is.
    Known(fn(&'static Rule, &Subject<'_>, &mut Findings)),
    /// Bytes of a channel file.
    Bytes(fn(&'static Rule, &Subject<'_>, &mut Findings)),
    /// Bytes of a rule blob.
    BlobBytes(fn(&'static Rule, &Subject<'_>, &mut Findings)),
    /// A channel file that can be read, whatever sensor it is for.
    Content(for<'a> fn(&'static Rule, &ChannelContent<'a>, &mut Findings)),
    /// A rule blob that can be read, whatever sensor it is for.
    Blob(for<'a> fn(&'static Rule, &BlobContent<'a>, &mut Findings)),
    /// Content of any format, and one sensor of any kind.
    Meeting(fn(&'static Rule, &Subject<'_>, &Member, &mut Findings)),
    /// A channel file beside one sensor that reads such.
    Sensor(for<'a> fn(&'static Rule, &Pairing<'a>, &mut Findings)),
    /// A rule blob beside one sensor that reads such.
    BlobSensor(for<'a> fn(&'static Rule, &BlobPairing<'a>, &mut Findings)),
}

impl Check {
    /// Whether it looks at files of this format.
    pub const fn serves(self, format: Format) -> bool {
        match self {
            Self::Any(_) | Self::Known(_) | Self::Meeting(_) => true,
            Self::Bytes(_) | Self::Content(_) | Self::Sensor(_) => matches!(format, Format::Channel),
            Self::BlobBytes(_) | Self::Blob(_) | Self::BlobSensor(_) => matches!(format, Format::Sysmon),
        }
    }

    /// Whether it needs a sensor.
    pub(crate) const fn is_about_a_sensor(self) -> bool {
        matches!(self, Self::Meeting(_) | Self::Sensor(_) | Self::BlobSensor(_))
    }
}

impl<C> Rule<C> {
    /// What people are told about it, without its check.
    pub const fn told(&self) -> Rule<()> {
        let Self { code, name, summary, severity, page, .. } = *self;
        Rule { code, name, summary, severity, page, check: (), also: None }
    }
}

impl Rule {
    /// The same rule for the other format too.
    pub(crate) const fn and(self, also: Check) -> Self {
        Self { also: Some(also), ..self }
    }

    /// Its checks: one, or one for each format.
    pub fn checks(&self) -> impl Iterator<Item = Check> + use<> {
        std::iter::once(self.check).chain(self.also)
    }

    /// How it looks at files of this format, if it does.
    pub fn check_of(&self, format: Format) -> Option<Check> {
        self.checks().find(|check| check.serves(format))
    }
}

/// Makes the modules of a family and lists their rules, so that a rule needs one line.
macro_rules! family {
    ($($module:ident),* $(,)?) => {
        $(pub mod $module;)*
        /// The rules of this family, in the order of their codes.
        pub const RULES: &[&crate::rules::Rule] = &[$(&$module::RULE),*];
    };
}
pub(crate) use family;

/// Every rule, in the order of the codes.
pub static RULES: &[&Rule] = &{
    const FAMILIES: [&[&Rule]; 4] = [structure::RULES, limits::RULES, contract::RULES, meaning::RULES];
    const COUNT: usize = FAMILIES[0].len() + FAMILIES[1].len() + FAMILIES[2].len() + FAMILIES[3].len();
    let mut all = [structure::RULES[0]; COUNT];
    let (mut family, mut next) = (0, 0);
    while family < FAMILIES.len() {
        let mut rule = 0;
        while rule < FAMILIES[family].len() {
            all[next] = FAMILIES[family][rule];
            (next, rule) = (next + 1, rule + 1);
        }
        family += 1;
    }
    all
};

/// A name or another text of a file as it may stand in a message: visible, and not too long.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{}...`", Escaped(text.get(..end).unwrap_or_default())),
        None => format!("`{}`", Escaped(text)),
    }
}

/// The rule with this code or this name.
pub fn find(what: &str) -> Option<&'static Rule> {
    let code = what.parse().ok();
    RULES.iter().find(|rule| Some(rule.code) == code || rule.name == what).copied()
}
