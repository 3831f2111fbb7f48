//! Damage to the bytes that a text makes, so that broken blobs can be reviewed as text: numbers in cells, then cuts and
//! additions.

use super::cell::cells;
use super::layout::Kind;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What to do to the bytes.
pub(super) enum Damage {
    /// Overwrite the number in the cell of this label.
    Set(String, u64),
    /// Drop what follows the first so many bytes.
    Truncate(u64),
    /// Add so many zero bytes at the end.
    Append(u64),
}

/// Bytes that one line of damage may add.
const MOST: u64 = 4096;

/// Does it; or says what had to be asked for.
pub(super) fn apply(bytes: &mut Vec<u8>, undamaged: &[u8], damage: &Damage) -> Result<(), String> {
    match damage {
        Damage::Set(label, number) => {
            let cell =
                cells(undamaged).find(|cell| cell.path.to_string() == *label && cell.kind == Kind::Number);
            let cell = cell.ok_or("the label of a number in the blob")?;
            let (Ok(start), Ok(end)) = (usize::try_from(cell.span.start), usize::try_from(cell.span.end))
            else {
                return Err("the label of a number in the blob".into());
            };
            let place = bytes.get_mut(start..end).unwrap_or_default();
            let number = number.to_le_bytes();
            if number.iter().skip(place.len()).any(|b| *b != 0) {
                return Err("a number that fits its cell".into());
            }
            place.iter_mut().zip(number).for_each(|(to, from)| *to = from);
        }
        Damage::Truncate(length) => {
            let length = usize::try_from(*length).ok().filter(|length| *length <= bytes.len());
            bytes.truncate(length.ok_or("a length within the blob")?);
        }
        Damage::Append(count) => {
            let count =
                usize::try_from(*count).ok().filter(|_| *count <= MOST).ok_or("at most 4096 bytes")?;
            bytes.resize(bytes.len().saturating_add(count), 0);
        }
    }
    Ok(())
}
