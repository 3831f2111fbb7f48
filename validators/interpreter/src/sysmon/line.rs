//! Inputs that are no text, as the text that the sensor makes of them, without memory.

use crate::Input;
use core::fmt::{Error, Result, Write};
use core::net::IpAddr;

/// Hands on an input as text.
pub fn with_text<T>(input: Input<'_>, then: impl FnOnce(&str) -> T) -> T {
    let mut line = Line { bytes: [0; 40], length: 0 };
    // It is as long as the longest of these texts.
    let _ = match input {
        Input::Text(text) => return then(text),
        Input::Integer(n) => write!(line, "{n}"),
        Input::Address(address) => line.address(address),
    };
    then(line.text())
}

/// A short text.
struct Line {
    bytes: [u8; 40],
    length: usize,
}

impl Line {
    fn text(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Sysmon shortens no zeros away: `0:0:0:0:0:0:0:1`.
    fn address(&mut self, address: IpAddr) -> Result {
        match address {
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                write!(self, "{a}.{b}.{c}.{d}")
            }
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h] = address.segments();
                write!(self, "{a:x}:{b:x}:{c:x}:{d:x}:{e:x}:{f:x}:{g:x}:{h:x}")
            }
        }
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> Result {
        let end = self.length.saturating_add(text.len());
        let free = self.bytes.get_mut(self.length..end).ok_or(Error)?;
        for (to, from) in free.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        self.length = end;
        Ok(())
    }
}
