//! Files of events, piece by piece: unpacked if they are packed, in pieces that stand alone, so that several can be read
//! at once and none needs more memory than a piece.

use super::quick::Quick;
use super::special::Specials;
use super::{Handed, Typing, json};
use channel_interpreter::Event;
use flate2::bufread::MultiGzDecoder;
use memchr::{memchr_iter, memrchr};
use std::io::{self, BufRead, BufReader, Read};
use std::mem;
use std::ops::Range;

/// The bytes of a piece of lines, or a little more: it ends with a line.
const PIECE: usize = 256 << 10;
/// What is read ahead. Pieces are larger, so that most of their bytes are read to where they stay.
const AHEAD: usize = 8 << 10;
/// The longest line. An event of Windows has at most 64 KB; whoever sends so much more sends no event.
const LINE: u64 = 4 << 20;
/// An EVTX log: its header, then chunks that stand alone.
const EVTX: &[u8] = b"ElfFile\0";
const HEADER: u64 = 4096;
const CHUNK: u64 = 65_536;

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Lines, numbered from 1.
    Lines,
    /// An EVTX log, its records numbered as they number themselves.
    Evtx,
}

/// A file of events that is being read.
pub struct EventFile {
    input: Box<dyn BufRead + Send>,
    form: Form,
    /// The number of the next line or chunk.
    next: u64,
    ended: bool,
}

/// A piece of a file. It stands alone.
pub struct Batch {
    form: Form,
    first: u64,
    bytes: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
    /// Why nothing more could be read after it.
    trouble: Option<String>,
}

impl EventFile {
    /// Begins to read: the first bytes tell what it is.
    ///
    /// # Errors
    ///
    /// Whatever keeps its first bytes from being read.
    pub fn open(input: impl Read + Send + 'static) -> io::Result<Self> {
        let mut input: Box<dyn BufRead + Send> = Box::new(BufReader::with_capacity(AHEAD, input));
        if input.fill_buf()?.starts_with(b"\x1f\x8b") {
            input = Box::new(BufReader::with_capacity(AHEAD, MultiGzDecoder::new(input)));
        }
        let start = input.fill_buf()?;
        let form = if start.starts_with(EVTX) { Form::Evtx } else { Form::Lines };
        if start.starts_with(b"\xef\xbb\xbf") {
            input.consume(3);
        } else if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
            return Err(io::Error::other("is UTF-16 text; event files are UTF-8"));
        }
        let mut file = Self { input, form, next: 1, ended: false };
        if form == Form::Evtx && !cfg!(feature = "evtx") {
            return Err(io::Error::other("is an EVTX log, which this build does not read"));
        }
        if form == Form::Evtx && file.exactly(HEADER)?.len() as u64 != HEADER {
            return Err(io::Error::other("is an EVTX log that ends within its header"));
        }
        Ok(file)
    }

    /// The next piece; `None` at the end.
    pub fn batch(&mut self) -> Option<Batch> {
        if self.ended {
            return None;
        }
        let batch = match self.form {
            Form::Lines => self.lines(),
            Form::Evtx => self.chunk(),
        };
        self.ended = batch.trouble.is_some() || batch.bytes.is_empty();
        (!batch.bytes.is_empty() || batch.trouble.is_some()).then_some(batch)
    }

    fn lines(&mut self) -> Batch {
        let mut bytes = Vec::with_capacity(PIECE.saturating_mul(2));
        let trouble = self.whole_lines(&mut bytes).err();
        let newlines = memchr_iter(b'\n', &bytes).map(|at| at.saturating_add(1));
        let mut ends: Vec<usize> = newlines.collect();
        let whole = ends.last().copied().unwrap_or(0);
        if trouble.is_some() {
            // What is there of a line that does not end is no line.
            bytes.truncate(whole);
        } else if whole < bytes.len() {
            ends.push(bytes.len());
        }
        let first = self.next;
        self.next = self.next.saturating_add(ends.len() as u64);
        Batch { form: self.form, first, bytes, ends, trouble }
    }

    /// Reads the bytes of a piece, and the line that has begun in it to its end; or says why it cannot.
    fn whole_lines(&mut self, bytes: &mut Vec<u8>) -> Result<(), String> {
        let broken = |error| format!("{}; nothing after it was read", broken(&error));
        (&mut self.input).take(PIECE as u64).read_to_end(bytes).map_err(broken)?;
        let begun = bytes.len().saturating_sub(memrchr(b'\n', bytes).map_or(0, |at| at.saturating_add(1)));
        if begun == 0 {
            return Ok(());
        }
        let most = LINE.saturating_sub(begun as u64);
        let more = (&mut self.input).take(most).read_until(b'\n', bytes).map_err(broken)?;
        if more as u64 == most && bytes.last() != Some(&b'\n') {
            return Err(format!("a line of more than {LINE} bytes; nothing after it was read"));
        }
        Ok(())
    }

    fn chunk(&mut self) -> Batch {
        let first = self.next;
        self.next = self.next.saturating_add(1);
        let (bytes, trouble) = match self.exactly(CHUNK) {
            Ok(bytes) if bytes.len() as u64 == CHUNK || bytes.is_empty() => (bytes, None),
            Ok(_) => (Vec::new(), Some("the log ends within a chunk".to_owned())),
            Err(error) => (Vec::new(), Some(format!("{}; nothing after it was read", broken(&error)))),
        };
        Batch { form: self.form, first, bytes, ends: Vec::new(), trouble }
    }

    /// So many bytes, or fewer at the end.
    fn exactly(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&mut self.input).take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Why reading stopped, in words.
fn broken(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the packed file is cut short".to_owned(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => "the packed file is damaged".to_owned(),
        _ => error.to_string(),
    }
}

/// A part of some bytes without the blanks at its ends.
fn trimmed(bytes: &[u8], part: Range<usize>) -> Range<usize> {
    let own = bytes.get(part.clone()).unwrap_or_default();
    let start = part.start.saturating_add(own.len()).saturating_sub(own.trim_ascii_start().len());
    start..start.saturating_add(own.trim_ascii().len())
}

impl Batch {
    /// Reads every event, with its number. Empty lines are none.
    pub fn read(&self, typing: &Typing<'_>, each: &mut dyn FnMut(u64, Handed<'_>)) {
        let mut number = self.first;
        match self.form {
            Form::Lines => {
                let mut quick = Quick::new(typing);
                // Where not all of it is text the lines that are go the long way too.
                let text = str::from_utf8(&self.bytes).ok();
                let specials = Specials::of(&self.bytes);
                let mut from = 0usize;
                for end in &self.ends {
                    let part = trimmed(&self.bytes, mem::replace(&mut from, *end)..*end);
                    let hand = |event: &Event<'_>| each(number, Handed::Event(event, Vec::new()));
                    let done = text.and_then(|text| quick.event(text, &specials, part.clone(), hand));
                    let line = self.bytes.get(part).filter(|_| done.is_none()).unwrap_or_default();
                    if !line.is_empty() {
                        json::taken(line, typing).hand(number, each);
                    }
                    number = number.saturating_add(1);
                }
            }
            #[cfg(feature = "evtx")]
            Form::Evtx => super::evtx::records(&self.bytes, number, typing, each),
            #[cfg(not(feature = "evtx"))]
            Form::Evtx => {}
        }
        if let Some(trouble) = &self.trouble {
            each(number, Handed::Unread(trouble.clone()));
        }
    }
}
