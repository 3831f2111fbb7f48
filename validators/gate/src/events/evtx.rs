//! Chunks of EVTX logs. The format is read by the crate `evtx`, which has no unsafe code of its own, bounds what one
//! record may take, and is fuzzed by its authors; it is still others' code on hostile bytes, so a panic in it is an error
//! like any other.

use super::{Handed, Taken, Typing, log};
use evtx::err::EvtxError;
use evtx::{EvtxChunkData, ParserSettings};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Reads every record of a chunk. One that cannot be read is numbered as it says it is, or as the one before.
pub(super) fn records(chunk: &[u8], number: u64, typing: &Typing<'_>, each: &mut dyn FnMut(u64, Handed<'_>)) {
    // Logs are written in advance: a chunk of zeros is one that was never used.
    if chunk.iter().all(|b| *b == 0) {
        return;
    }
    let mut last = 0;
    let read = catch_unwind(AssertUnwindSafe(|| read(chunk, typing, &mut last, each)));
    let why = match read {
        Ok(Ok(())) => return,
        Ok(Err(error)) => chain(&error),
        Err(_) => "the reader of EVTX logs failed on it".to_owned(),
    };
    each(last, Handed::Unread(format!("chunk {number}: {why}")));
}

fn read(
    chunk: &[u8],
    typing: &Typing<'_>,
    last: &mut u64,
    each: &mut dyn FnMut(u64, Handed<'_>),
) -> Result<(), evtx::err::ChunkError> {
    let settings = ParserSettings::new().num_threads(1).separate_json_attributes(false);
    let mut data = EvtxChunkData::new(chunk.to_vec(), false)?;
    let mut chunk = data.parse(Arc::new(settings))?;
    for record in chunk.iter() {
        if let Ok(record) = &record {
            *last = record.event_record_id;
        } else if let Err(EvtxError::FailedToParseRecord { record_id, .. }) = &record {
            *last = *record_id;
        }
        let taken = match record.and_then(evtx::EvtxRecord::into_json_value) {
            Ok(record) => match log::recorded(record.data.get("Event").unwrap_or(&record.data)) {
                Ok(recorded) => typing.record(recorded),
                Err(why) => Taken::Unread(why),
            },
            Err(error) => Taken::Unread(chain(&error)),
        };
        taken.hand(*last, each);
    }
    Ok(())
}

/// An error with what led to it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source.filter(|_| text.len() < 400) {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}
