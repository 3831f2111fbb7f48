//! Whether what a consumer holds or how long it takes grows from event to event, although the events are the same: what
//! is lost little by little is lost altogether on a machine that runs for weeks.

use super::{Consumer, Failure, Usage};
use crate::Record;
use std::fmt;
use std::time::{Duration, Instant};

/// How many times the same events are sent, and how many each time.
const ROUNDS: usize = 8;
const EVENTS: usize = 512;
/// The first rounds fill caches.
const WARM: usize = 2;
/// What a round must add to be more than the system's own coming and going.
const BYTES: u64 = 16 << 10;
/// A slow consumer is not watched for longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// It holds so many bytes more after each event.
    Memory(u64),
    /// The last events took so much longer than the first.
    Time { first: Duration, last: Duration },
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = |round: &Duration| round.as_micros().checked_div(EVENTS as u128).unwrap_or(0);
        match self {
            Self::Memory(bytes) => write!(f, "holds about {bytes} bytes more after each event"),
            Self::Time { first, last } => {
                write!(
                    f,
                    "takes longer from event to event: {} µs at first, {} µs in the end",
                    each(first),
                    each(last)
                )
            }
        }
    }
}

/// Sends the same events over and over. Without usage figures, or if it takes too long, nothing is found.
pub(super) fn probe(consumer: &mut Consumer, events: &[Record]) -> Result<Option<Growth>, Failure> {
    let start = Instant::now();
    let mut seen = Vec::new();
    for _ in 0..ROUNDS {
        for event in events.iter().cycle().take(EVENTS) {
            consumer.event(event)?;
            if start.elapsed() > PATIENCE {
                return Ok(None);
            }
        }
        let Some(usage) = consumer.usage() else { return Ok(None) };
        seen.push(usage);
    }
    Ok(judged(&seen))
}

/// What the figures after each round say.
fn judged(seen: &[Usage]) -> Option<Growth> {
    let warm = seen.get(WARM..)?;
    let (first, last) = (warm.first()?, warm.last()?);
    let pairs = || warm.iter().zip(warm.iter().skip(1));
    if pairs().all(|(a, b)| b.memory >= a.memory.saturating_add(BYTES)) {
        let events = EVENTS.saturating_mul(pairs().count()) as u64;
        let grown = last.memory.saturating_sub(first.memory);
        return Some(Growth::Memory(grown.checked_div(events).unwrap_or(grown)));
    }
    let costs: Vec<Duration> = pairs().map(|(a, b)| b.cpu.saturating_sub(a.cpu)).collect();
    let (first, last) = (*costs.first()?, *costs.last()?);
    let longer = costs.is_sorted_by(|a, b| a < b)
        && last.saturating_mul(2) >= first.saturating_mul(3)
        && last.saturating_sub(first) >= Duration::from_millis(20);
    longer.then_some(Growth::Time { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(memory: impl Fn(u64) -> u64, cpu: impl Fn(u64) -> u64) -> Vec<Usage> {
        let usage =
            |round| Usage { memory: memory(round), threads: 1, cpu: Duration::from_millis(cpu(round)) };
        (0..ROUNDS as u64).map(usage).collect()
    }

    #[test]
    fn steady_growth_is_told_from_coming_and_going() {
        assert_eq!(judged(&seen(|_| 5 << 20, |n| n * 10)), None);
        assert_eq!(judged(&seen(|n| (n % 3) << 20, |n| n * 10)), None);
        assert_eq!(judged(&seen(|n| n.min(4) << 20, |n| n * 10)), None);
        assert_eq!(judged(&seen(|n| n << 19, |n| n * 10)), Some(Growth::Memory(1024)));
        let slower = judged(&seen(|_| 0, |n| n * n * 10)).unwrap();
        assert_eq!(
            slower,
            Growth::Time { first: Duration::from_millis(50), last: Duration::from_millis(130) }
        );
        assert_eq!(slower.to_string(), "takes longer from event to event: 97 µs at first, 253 µs in the end");
    }
}
