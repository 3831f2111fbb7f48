//! Work on every core, its results in the order of the work.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::thread;

/// Does `work` on everything that `next` gives, on every core, and hands the results to `sink` in their order, on the
/// thread of the caller. Each thread has a state of its own, which `begin` makes. An error of `sink` ends it.
///
/// # Errors
///
/// That of `sink`.
pub fn in_order<T: Send, R: Send, S, E>(
    next: impl FnMut() -> Option<T> + Send,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, T) -> R + Sync,
    mut sink: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let source = Mutex::new((0u64, next));
    let (sender, results) = sync_channel(cores.saturating_mul(2));
    thread::scope(|scope| {
        for _ in 0..cores {
            let (sender, source, begin, work) = (sender.clone(), &source, &begin, &work);
            scope.spawn(move || {
                let mut state = begin();
                loop {
                    let Ok(mut source) = source.lock() else { return };
                    let (at, Some(item)) = (source.0, (source.1)()) else { return };
                    source.0 = at.saturating_add(1);
                    drop(source);
                    // Whoever no longer takes results wants no more work done.
                    if sender.send((at, work(&mut state, item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let (mut due, mut early) = (0u64, BTreeMap::new());
        for (at, result) in results {
            early.insert(at, result);
            while let Some(result) = early.remove(&due) {
                sink(result)?;
                due = due.saturating_add(1);
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn results_come_in_the_order_of_the_work_and_an_error_ends_it() {
        let mut from = 0..1000u64;
        let mut seen = Vec::new();
        let slow = |_: &mut (), n: u64| {
            // The first are the last to be done.
            std::thread::sleep(std::time::Duration::from_micros(200 - n.min(200)));
            n * n
        };
        let done: Result<(), ()> = in_order(
            || from.next(),
            || (),
            slow,
            |n| {
                seen.push(n);
                Ok(())
            },
        );
        assert_eq!((done, seen), (Ok(()), (0..1000).map(|n| n * n).collect()));
        let mut endless = 0..;
        let stop = |n: u64| if n < 50 { Ok(()) } else { Err(n) };
        assert_eq!(in_order(|| endless.next(), || (), |(), n| n, stop), Err(50));
    }
}
