//! A look at the tags before the tree is built, so that no text of hostile shape can ask for more time or memory than
//! its length allows: the number of tags, the attributes of each, their depth; and no document type, no namespaces.

use crate::limits;

/// Where, what was expected, what was found.
type Trouble = (usize, String, String);

/// Refuses what the tree must not be built for. What is not well-formed otherwise is left to the reader of the tree,
/// which goes over the same tags in the same way.
pub(super) fn scan(text: &str) -> Result<(), Trouble> {
    let marks = text.bytes().enumerate().filter(|(_, b)| matches!(b, b'<' | b'='));
    if let Some((at, _)) = marks.clone().nth(limits::XML_MARKS) {
        return Err((at, format!("at most {} tags and attributes", limits::XML_MARKS), "more".into()));
    }
    let (mut at, mut depth) = (0usize, 0usize);
    while let Some(start) = find(text, at, "<") {
        let rest = text.get(start..).unwrap_or_default();
        let (open, close) = if rest.starts_with("<!--") {
            (4, "-->")
        } else if rest.starts_with("<![CDATA[") {
            (9, "]]>")
        } else if rest.starts_with("<?") {
            (2, "?>")
        } else if rest.starts_with("<!") {
            return Err((start, "no document type: Sysmon brings its own".into(), "<!".into()));
        } else {
            let tag = Tag::read(text, start)?;
            if rest.starts_with("</") {
                depth = depth.saturating_sub(1);
            } else if !tag.empty {
                depth = depth.saturating_add(1);
            }
            if depth > limits::DEPTH {
                return Err((
                    start,
                    format!("at most {} elements inside each other", limits::DEPTH),
                    "more".into(),
                ));
            }
            at = tag.end;
            continue;
        };
        let Some(end) = find(text, start.saturating_add(open), close) else { return Ok(()) };
        at = end.saturating_add(close.len());
    }
    Ok(())
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| at.saturating_add(from))
}

/// A tag: where it ends, and whether it is an empty element.
struct Tag {
    end: usize,
    empty: bool,
}

impl Tag {
    fn read(text: &str, start: usize) -> Result<Self, Trouble> {
        let (mut quote, mut attributes, mut before) = (None, 0usize, b' ');
        for (at, b) in text.bytes().enumerate().skip(start) {
            match (quote, b) {
                (Some(open), b) if b == open => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(b),
                (None, b'>') => return Ok(Self { end: at.saturating_add(1), empty: before == b'/' }),
                (None, b'=') => {
                    attributes = attributes.saturating_add(1);
                    if attributes > limits::XML_ATTRIBUTES {
                        let expected = format!("at most {} attributes", limits::XML_ATTRIBUTES);
                        return Err((at, expected, "more".into()));
                    }
                    let name = text.get(start..at).unwrap_or_default().trim_end();
                    let name = name.rsplit(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
                    if name.contains(':') || name == "xmlns" {
                        return Err((start, "no namespaces".into(), name.into()));
                    }
                }
                _ => {}
            }
            before = b;
        }
        Ok(Self { end: text.len(), empty: true })
    }
}
