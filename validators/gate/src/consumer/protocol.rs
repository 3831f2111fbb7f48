//! The lines of the protocol: what is asked, and what an answer has to look like. `CONSUMER.md` is its document.

use super::failure::shortened;
use super::{Answers, Failure, Outcome};
use crate::Record;

/// The version of the protocol.
pub const VERSION: u32 = 1;

/// What a consumer says to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loading {
    /// It holds it.
    Loaded,
    /// It refuses the content, and why.
    Refused(String),
    /// It cannot say: this consumer cannot do what the content needs, although the sensor might.
    Unsupported(String),
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It speaks this version, and calls itself so.
    Hello(String),
    /// To a file.
    Loading(Loading),
    /// To an event.
    Event(Outcome),
}

/// What the answer has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Hello,
    Loading,
    Event(Answers),
}

pub(super) fn hello() -> String {
    format!("contentgate-consumer {VERSION}\n")
}

pub(super) fn file(name: &str, bytes: &[u8]) -> Vec<u8> {
    // A name is for people: whatever it holds, it is one line.
    let name: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let mut out = format!("file {} {name}\n", bytes.len()).into_bytes();
    out.extend_from_slice(bytes);
    out
}

pub(super) fn event(event: &Record) -> Vec<u8> {
    format!("event {}\n", event.to_json()).into_bytes()
}

impl Expected {
    /// Reads an answer.
    pub(super) fn read(self, line: &[u8]) -> Result<Answer, Failure> {
        let wrong = || self.wrong(&format!("`{}`", shortened(&String::from_utf8_lossy(line), 80)));
        let text = std::str::from_utf8(line).map_err(|_| wrong())?;
        let text = text.strip_suffix('\r').unwrap_or(text);
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match (self, word) {
            (Self::Hello, "contentgate-consumer") => {
                let (version, name) = rest.split_once(' ').unwrap_or((rest, ""));
                if version != VERSION.to_string() {
                    return Err(wrong());
                }
                Ok(Answer::Hello(shortened(name, 80)))
            }
            (Self::Loading, "loaded") if rest.is_empty() => Ok(Answer::Loading(Loading::Loaded)),
            (Self::Loading, "refused") => Ok(Answer::Loading(Loading::Refused(shortened(rest, 200)))),
            (Self::Loading, "unsupported") => Ok(Answer::Loading(Loading::Unsupported(shortened(rest, 200)))),
            (Self::Event(Answers::Logged), _) => logged(word, rest).map(Answer::Event).ok_or_else(wrong),
            (Self::Event(Answers::Matches(_)), "none") if rest.is_empty() => {
                Ok(Answer::Event(Outcome::Matches(Vec::new())))
            }
            (Self::Event(Answers::Matches(detections)), "match") => {
                let matches: Option<Vec<u32>> = rest.split(' ').map(number).collect();
                let matches = matches.filter(|found| found.iter().all(|index| *index < detections));
                let ascend = |found: &Vec<u32>| found.is_sorted_by(|a, b| a < b);
                let matches = matches.filter(ascend).map(Outcome::Matches);
                matches.map(Answer::Event).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }

    /// That something else came.
    pub(super) fn wrong(self, found: &str) -> Failure {
        let expected = match self {
            Self::Hello => format!("`contentgate-consumer {VERSION}` and a name"),
            Self::Loading => "`loaded`, `refused REASON` or `unsupported REASON`".to_owned(),
            Self::Event(Answers::Logged) => {
                "`dropped`, or `logged` and perhaps the rule's name as JSON has texts".to_owned()
            }
            Self::Event(Answers::Matches(detections)) => {
                format!("`none`, or `match` and ascending indices of detections below {detections}")
            }
        };
        Failure::Protocol { expected, found: found.to_owned() }
    }

    /// That an answer is to something else.
    pub(super) fn not(self, answer: &Answer) -> Failure {
        self.wrong(&format!("{answer:?}"))
    }
}

/// What Sysmon does with an event.
fn logged(word: &str, rest: &str) -> Option<Outcome> {
    match (word, rest) {
        ("dropped", "") => Some(Outcome::Dropped),
        ("logged", "") => Some(Outcome::Logged(None)),
        // A reader of JSON would pass over blanks around it.
        ("logged", name) if name.starts_with('"') && name.ends_with('"') => {
            serde_json::from_str(name).ok().map(|name| Outcome::Logged(Some(name)))
        }
        _ => None,
    }
}

/// A decimal number as it is written: no sign, no blanks.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_or_refused() {
        let three = Expected::Event(Answers::Matches(3));
        let matches = |found: &[u32]| Ok(Answer::Event(Outcome::Matches(found.to_vec())));
        assert_eq!(three.read(b"none"), matches(&[]));
        assert_eq!(three.read(b"match 0 2\r"), matches(&[0, 2]));
        for wrong in [
            "",
            "match",
            "match ",
            "match 3",
            "match 1 1",
            "match 2 1",
            "match +1",
            "none 1",
            "loaded",
            "\u{1b}",
        ] {
            assert!(matches!(three.read(wrong.as_bytes()), Err(Failure::Protocol { .. })), "{wrong}");
        }
        assert!(three.read(b"match \xff").is_err());
        let ruled = Expected::Event(Answers::Logged);
        let name = |name: &str| Outcome::Logged(Some(name.into()));
        for (answer, outcome) in [
            ("dropped", Outcome::Dropped),
            ("logged", Outcome::Logged(None)),
            (r#"logged """#, name("")),
            (r#"logged "a b\n\u00e9""#, name("a b\né")),
        ] {
            assert_eq!(ruled.read(answer.as_bytes()), Ok(Answer::Event(outcome)), "{answer}");
        }
        for wrong in
            ["none", "match 0", "dropped \"a\"", "logged a", "logged \"a", "logged \"a\" ", "logged 1"]
        {
            let read = ruled.read(wrong.as_bytes());
            assert!(matches!(read, Err(Failure::Protocol { .. })), "{wrong}: {read:?}");
        }
        assert_eq!(Expected::Hello.read(b"contentgate-consumer 1 x y"), Ok(Answer::Hello("x y".into())));
        assert!(Expected::Hello.read(b"contentgate-consumer 2 x").is_err());
        let refused = Loading::Refused("no such type".into());
        assert_eq!(Expected::Loading.read(b"refused no such type"), Ok(Answer::Loading(refused)));
    }
}
