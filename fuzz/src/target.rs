//! What every fuzz target has in common: the glue to libFuzzer, which exists in a fuzzing build only, and the mutation
//! of content, which does not.

use crate::seeds::Kind;
use arbitrary::{Result, Unstructured};
use channel_smith::{Seed, mutate};

/// The fuzz target of an oracle. `content` gives it our mutator, which edits what a file says; `lines` one that edits text
/// line by line; `bytes` leaves it libFuzzer's.
#[macro_export]
macro_rules! target {
    (bytes $oracle:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(init: channel_fuzz::plant(), |bytes: &[u8]| channel_fuzz::$oracle(bytes));

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            channel_fuzz::main(stringify!($oracle))
        }
    };
    (lines $oracle:ident) => {
        $crate::target!(bytes $oracle);
        $crate::target!(mutated edit_lines);
    };
    (mutated $edit:ident) => {
        #[cfg(all(fuzzing, not(feature = "plain")))]
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            if seed % 4 == 0 {
                return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
            }
            channel_fuzz::$edit(data, size, max_size, seed)
        });
    };
    (content $oracle:ident) => {
        $crate::target!(bytes $oracle);
        $crate::target!(mutated edit);

        #[cfg(all(fuzzing, not(feature = "plain")))]
        libfuzzer_sys::fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
            channel_fuzz::cross(one, other, out, seed)
        });
    };
}

/// Bytes of choices that one edit takes at most; making more would take longer than the oracles.
const CHOICES: usize = 512;

/// Edits the content in the first `size` bytes of `data`, and says how many bytes it has then: at most `max_size`.
pub fn edit(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let old = data.get(..size).unwrap_or_default();
    let new = mutate::file(&mut Seed::short(seed.into(), CHOICES).choices(), old);
    write(new.ok(), data, max_size).unwrap_or(size.min(max_size))
}

/// Edits the text in the first `size` bytes of `data`, and says how many bytes it has then: a condition, a value, a filter
/// is a line in whatever people write.
pub fn edit_lines(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let old = data.get(..size).unwrap_or_default();
    let new = lines(&mut Seed::short(seed.into(), CHOICES).choices(), old);
    write(new.ok(), data, max_size).unwrap_or(size.min(max_size))
}

/// Drops, repeats, copies and swaps lines.
fn lines(u: &mut Unstructured<'_>, text: &[u8]) -> Result<Vec<u8>> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    for _ in 0..u.int_in_range(1..=4)? {
        if lines.is_empty() {
            break;
        }
        let (a, b) = (u.choose_index(lines.len())?, u.choose_index(lines.len())?);
        match u.int_in_range(0..=3u8)? {
            0 => drop(lines.remove(a)),
            1 => lines.insert(b, lines[a]),
            2 => lines.splice(a..a, vec![lines[a]; u.int_in_range(1..=8)?]).for_each(drop),
            _ => lines.swap(a, b),
        }
    }
    Ok(lines.concat())
}

/// Puts a child of two files into `out`, and says how many bytes it has.
pub fn cross(one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    let child = |u: &mut Unstructured<'_>| -> Result<Vec<u8>> {
        Ok(mutate::cross(u, one, other)?.unwrap_or_else(|| one.to_vec()))
    };
    let most = out.len();
    write(child(&mut Seed::short(seed.into(), CHOICES).choices()).ok(), out, most).unwrap_or(0)
}

/// Writes what fits; what is cut would only be refused as cut.
fn write(new: Option<Vec<u8>>, to: &mut [u8], most: usize) -> Option<usize> {
    let new = new.filter(|new| new.len() <= most)?;
    to.get_mut(..new.len())?.copy_from_slice(&new);
    Some(new.len())
}

/// A target: its name, its oracle, and which files of the corpus it starts from.
pub struct Target {
    /// The name of the binary.
    pub name: &'static str,
    /// What must hold.
    pub oracle: fn(&[u8]),
    /// What it reads.
    pub seeds: Kind,
}
