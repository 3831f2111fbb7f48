//! The bytes of a record, computed by the compiler. What cannot be written is a panic here, and so a compile error there.

use crate::{Field, Sensor, TemplateType};

/// The bytes of a sensor record.
pub const SENSOR_LENGTH: usize = 416;

/// The bytes of the record of a template type with so many fields.
pub const fn type_length(defined: usize) -> usize {
    128 + 88 * defined
}

/// The record of a sensor.
pub const fn sensor_record(sensor: &Sensor) -> [u8; SENSOR_LENGTH] {
    let (limits, w) = (&sensor.limits, &sensor.widths);
    let widths = [
        w.channel,
        w.part,
        w.content_revision,
        w.type_id,
        w.type_revision,
        w.fields_per_instance,
        w.instances,
        w.detections,
        w.patterns,
        w.match_count,
        w.integer_operand,
    ];
    Writer::new(1)
        .text(sensor.name)
        .text(sensor.version)
        .text(sensor.platform)
        .text(sensor.build_id)
        .u32(sensor.interpreter)
        .u32(sensor.types)
        .u64(sensor.operators)
        .u64(limits.file_bytes)
        .u64(limits.automaton_bytes)
        .u64(limits.work_per_event)
        .u32(limits.detections)
        .u32(limits.instances)
        .u32(limits.clauses_per_criterion)
        .u32(limits.patterns_per_clause)
        .u32(limits.operand_bytes)
        .bytes(&widths)
        .bytes(&[0])
        .seal()
}

/// The record of a template type whose call site passes so many inputs. `LENGTH` is [`type_length`] of its fields.
pub const fn type_record<const DEFINED: usize, const LENGTH: usize>(
    template: &TemplateType<DEFINED>,
    supplied: usize,
) -> [u8; LENGTH] {
    let mut writer = Writer::new(2)
        .text(template.name)
        .u32(template.id)
        .u32(template.revision)
        .u32(template.channel)
        .u32(template.instance_cap)
        .u32(number(DEFINED))
        .u32(number(supplied));
    let mut n = 0;
    while n < DEFINED {
        let Field { name, input, nullable, max_bytes } = template.fields[n];
        writer = writer.text(name).bytes(&[input, nullable as u8, 0, 0]).u32(max_bytes);
        n += 1;
    }
    writer.seal()
}

const fn number(n: usize) -> u32 {
    assert!(n <= 4096, "a template type has at most 4096 fields");
    n as u32
}

/// A record of `LENGTH` bytes, filled from the front.
struct Writer<const LENGTH: usize> {
    record: [u8; LENGTH],
    at: usize,
}

impl<const LENGTH: usize> Writer<LENGTH> {
    /// A sealed frame without its checksum.
    const fn new(kind: u8) -> Self {
        let writer = Self { record: [0; LENGTH], at: 0 };
        writer.bytes(b"\x89CHANCTR\x01\0").bytes(&[kind, 1]).u32(LENGTH as u32).u64(0)
    }

    const fn bytes(mut self, bytes: &[u8]) -> Self {
        let mut n = 0;
        while n < bytes.len() {
            self.record[self.at] = bytes[n];
            self.at += 1;
            n += 1;
        }
        self
    }

    const fn u32(self, n: u32) -> Self {
        self.bytes(&n.to_le_bytes())
    }

    const fn u64(self, n: u64) -> Self {
        self.bytes(&n.to_le_bytes())
    }

    const fn text(self, text: &str) -> Self {
        assert!(text.len() < 80, "a text has at most 79 bytes");
        let next = self.at + 80;
        let mut writer = self.bytes(text.as_bytes());
        writer.at = next;
        writer
    }

    /// Byte `i` counts `1 + (i + 1) * 2^32` times.
    const fn seal(mut self) -> [u8; LENGTH] {
        assert!(self.at == LENGTH, "the length of the record");
        let (mut sum, mut i) = (0_u64, 0);
        while i < LENGTH {
            sum = sum.wrapping_add((self.record[i] as u64).wrapping_mul(1 + ((i as u64 + 1) << 32)));
            i += 1;
        }
        self.at = 16;
        self.u64(sum).record
    }
}
