//! Every event of some files, one after the other: for whoever can take only one at a time.

use super::{Handed, Piece, Sources, Typing};
use crate::Record;
use channel_contract::Contract;
use std::path::PathBuf;

/// Hands over every event of these files that the sensor supplies. What cannot be read is passed over: whoever also runs
/// [`super::replayed`] is told of it there.
pub fn each_event(contract: &Contract, files: Vec<PathBuf>, sink: &mut dyn FnMut(Record)) {
    let typing = Typing::new(contract);
    let mut sources = Sources::new(files);
    while let Some(piece) = sources.next_piece() {
        if let Piece::Batch(_, batch) = piece {
            batch.read(&typing, &mut |_, handed| {
                if let Handed::Event(event, _) = handed {
                    sink(Record::from(event));
                }
            });
        }
    }
}
