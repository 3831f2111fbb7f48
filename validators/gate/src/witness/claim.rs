//! Which rule prevents which kinds of faults: the one table that ties the judge to the executor.

use channel_interpreter::FaultKind;
use channel_validators::Code;

/// What a rule claims to prevent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claim {
    /// The kinds of faults.
    pub kinds: &'static [FaultKind],
    /// Whether content that breaks it may fault there in other ways too: the two sides do not mean the same template
    /// type, or the bytes are none that a reader accepts.
    pub unsettles: bool,
}

/// What the rule with this code claims to prevent.
pub fn claims(code: Code) -> Claim {
    use FaultKind::*;
    // A name that differs and a section that is skipped leave the content as it is.
    let unsettles = matches!(code.0, 101..=116 | 119..=199 | 302..=307 | 313 | 315..=317 | 320);
    let kinds: &[FaultKind] = match code.0 {
        202..=209 => &[Capacity],
        210 => &[Work],
        211 => &[Counter],
        301 => &[PastInputs, Dead],
        302 => &[AnotherField],
        303..=305 | 313 => &[UnknownType, Refused],
        306 | 307 => &[FieldCount],
        308 => &[Operator],
        309 => &[Type],
        310 => &[Null],
        312 | 319 => &[Width],
        316 => &[Refused],
        317 => &[UnknownType],
        318 => &[Failed],
        401 => &[Regex],
        _ => &[],
    };
    Claim { kinds, unsettles }
}
