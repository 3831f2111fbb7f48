//! One line of JSON -> an event.

use super::typing::{Recorded, Template, Value};
use super::{Taken, Typing, log};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// What a line can hold. A key that comes twice is an error: nobody knows which one the sensor saw.
#[derive(Default, serde::Deserialize)]
struct Line<'a> {
    #[serde(borrow, default, rename = "type")]
    template: Option<Template<'a>>,
    #[serde(borrow, default)]
    inputs: Option<Vec<Value<'a>>>,
    #[serde(default)]
    id: Option<i64>,
    #[serde(borrow, default)]
    provider: Option<Text<'a>>,
    #[serde(borrow, default)]
    channel: Option<Text<'a>>,
    #[serde(default)]
    level: Option<i64>,
    #[serde(borrow, default)]
    fields: Option<Named<'a>>,
    #[serde(default, rename = "Event")]
    event: Option<serde_json::Value>,
}

/// Reads a line.
pub(super) fn taken(line: &[u8], typing: &Typing<'_>) -> Taken {
    // What stands in a list has no names, and might be taken for what it is not.
    if line.first() != Some(&b'{') {
        return Taken::Unread("column 1: an event is an object".to_owned());
    }
    let line = match serde_json::from_slice::<Line<'_>>(line) {
        Ok(line) => line,
        Err(error) => return Taken::Unread(why(&error)),
    };
    match line {
        Line { event: Some(event), .. } => match log::recorded(&event) {
            Ok(recorded) => typing.record(recorded),
            Err(why) => Taken::Unread(why),
        },
        Line { inputs: Some(_), fields: Some(_), .. } => {
            Taken::Unread("`inputs` or `fields`: an event has one of them".to_owned())
        }
        Line { inputs: Some(inputs), template: Some(template), .. } => typing.exact(&template, inputs),
        Line { inputs: Some(_), .. } => Taken::Unread("`inputs` without a `type`".to_owned()),
        Line { fields: Some(fields), template, id, provider, channel, level, .. } => {
            let (provider, channel) = (provider.map(|text| text.0), channel.map(|text| text.0));
            typing.record(Recorded { template, id, provider, channel, level, fields: fields.0 })
        }
        _ => {
            Taken::Unread("an event has `fields`, `inputs` or `Event`, and this has none of them".to_owned())
        }
    }
}

/// What is wrong and in which column: there is only one line.
fn why(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("column {}: {what}", error.column())
}

/// Text, borrowed where JSON has it without escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Visit)
    }
}

/// Names and values; no name twice.
struct Named<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Named<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut fields, mut seen) = (Vec::new(), HashSet::new());
                while let Some(Text(name)) = map.next_key()? {
                    if !seen.insert(name.clone()) {
                        return Err(A::Error::custom(format_args!("the field `{name}` comes twice")));
                    }
                    fields.push((name, map.next_value()?));
                }
                Ok(Named(fields))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Template<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Text(name) => Ok(Self::Name(name)),
            Value::Integer(id) => match u32::try_from(id) {
                Ok(id) => Ok(Self::Id(id)),
                Err(_) => Err(D::Error::custom("`type` is no id of a template type")),
            },
            Value::Absent => Err(D::Error::custom("`type` is neither an id nor a name")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Value<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a number, true, false, null or a list of them")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Value::Absent)
            }

            fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
                Ok(Value::Text(if yes { "true" } else { "false" }.into()))
            }

            fn visit_i64<E>(self, n: i64) -> Result<Self::Value, E> {
                Ok(Value::Integer(n))
            }

            fn visit_u64<E>(self, n: u64) -> Result<Self::Value, E> {
                Ok(i64::try_from(n).map_or_else(|_| Value::Text(n.to_string().into()), Value::Integer))
            }

            fn visit_f64<E>(self, n: f64) -> Result<Self::Value, E> {
                Ok(Value::Text(n.to_string().into()))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Value::Text(text.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Value::Text(text.to_owned().into()))
            }

            /// What a log has several of in one field is a line each.
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut lines = String::new();
                while let Some(value) = list.next_element::<Value<'de>>()? {
                    let Some(line) = value.line() else { continue };
                    if !lines.is_empty() {
                        lines.push('\n');
                    }
                    lines.push_str(&line);
                }
                Ok(Value::Text(lines.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Err(A::Error::custom("a value is an object; fields hold text, numbers or lists of them"))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}
