//! A sensor with a contract: the same declaration as `corpus/contracts/sensors/sensor-7.15.c`.

use channel_embed::*;

sensor!(Sensor {
    name: "example-sensor",
    version: "7.15",
    platform: "windows",
    build_id: "7.15.18513",
    interpreter: 3,
    types: 1,
    operators: EXACT
        | PREFIX
        | SUFFIX
        | CONTAINS
        | GLOB
        | REGEX
        | EQUAL
        | RANGE
        | MASK
        | NETWORK
        | PRESENT
        | ABSENT,
    limits: Limits {
        file_bytes: 4_194_304,
        detections: 4096,
        instances: 16384,
        clauses_per_criterion: 8,
        patterns_per_clause: 1024,
        operand_bytes: 4096,
        automaton_bytes: 16_777_216,
        work_per_event: 1_000_000,
    },
    widths: Widths {
        channel: 32,
        part: 32,
        content_revision: 31,
        type_id: 16,
        type_revision: 16,
        fields_per_instance: 8,
        instances: 32,
        detections: 32,
        patterns: 32,
        match_count: 16,
        integer_operand: 63,
    },
});

const IPC: TemplateType<21> = TemplateType {
    name: "ipc",
    id: 7,
    revision: 1,
    channel: 291,
    instance_cap: 512,
    fields: [
        Field::text("PipeName", 512),
        Field::text("PipeServer", 512).nullable(),
        Field::integer("AccessMask"),
        Field::integer("ShareMode"),
        Field::integer("OpenDisposition"),
        Field::integer("ProcessId"),
        Field::text("ImagePath", 32768),
        Field::text("CommandLine", 32768).nullable(),
        Field::text("ImageHash", 64).nullable(),
        Field::integer("ParentProcessId").nullable(),
        Field::text("ParentImagePath", 32768).nullable(),
        Field::text("UserName", 512).nullable(),
        Field::integer("IntegrityLevel"),
        Field::integer("SessionId"),
        Field::integer("ThreadId"),
        Field::address("ClientAddress").nullable(),
        Field::integer("ImpersonationLevel"),
        Field::integer("PipeInstances"),
        Field::text("SignerName", 512).nullable(),
        Field::text("ServiceName", 256).nullable(),
        Field::text("LogonSession", 64).nullable(),
    ],
};

type PipeEvent = [Option<String>; 21];

fn on_pipe_event(event: &PipeEvent) -> usize {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = event;
    let inputs = inputs!(IPC, [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u]);
    interpret(&inputs)
}

/// Stands for the content interpreter.
fn interpret(inputs: &[&Option<String>]) -> usize {
    inputs.iter().filter(|input| input.is_some()).count()
}

fn main() {
    contentgate_keep();
    println!("{}", on_pipe_event(&PipeEvent::default()));
}
