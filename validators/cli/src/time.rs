//! A span of time as one types it.

use std::str::FromStr;
use std::time::Duration;

/// `90`, `90s`, `10m` or `2h`; more than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("s", 1), ("m", 60), ("h", 3600)];
        let of = |(unit, seconds)| Some((text.strip_suffix(unit)?, seconds));
        let (number, seconds) = units.into_iter().find_map(of).unwrap_or((text, 1));
        let number = number.parse::<u32>().ok().filter(|number| *number > 0);
        let number =
            number.ok_or("expected a number of seconds above 0, or one with a unit: 90s, 10m, 2h")?;
        Ok(Self(Duration::from_secs(u64::from(number) * seconds)))
    }
}
