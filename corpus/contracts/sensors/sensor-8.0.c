/* A later sensor with a second template type, whose record comes from another translation unit: process.c. */
#include "ipc.h"

CONTENTGATE_TYPE(IPC);

CONTENTGATE_SENSOR(
    name("example-sensor"), version("8.0"), platform("windows"), build_id("8.0.20117"), interpreter(3), types(2),
    operators(CONTENTGATE_EXACT | CONTENTGATE_PREFIX | CONTENTGATE_SUFFIX | CONTENTGATE_CONTAINS | CONTENTGATE_GLOB |
              CONTENTGATE_REGEX | CONTENTGATE_EQUAL | CONTENTGATE_RANGE | CONTENTGATE_MASK | CONTENTGATE_NETWORK |
              CONTENTGATE_PRESENT | CONTENTGATE_ABSENT),
    file_bytes(4194304), detections(4096), instances(16384), clauses_per_criterion(8), patterns_per_clause(1024),
    operand_bytes(4096), automaton_bytes(16777216), work_per_event(1000000),
    channel_bits(32), part_bits(32), content_revision_bits(31), type_id_bits(16), type_revision_bits(16),
    fields_per_instance_bits(8), instances_bits(32), detections_bits(32), patterns_bits(32), match_count_bits(16),
    integer_operand_bits(63));

int on_pipe_event(const struct pipe_event *e)
{
    CONTENTGATE_INPUTS(IPC, const struct input *, inputs,
                       &e->in[0], &e->in[1], &e->in[2], &e->in[3], &e->in[4], &e->in[5], &e->in[6],
                       &e->in[7], &e->in[8], &e->in[9], &e->in[10], &e->in[11], &e->in[12], &e->in[13],
                       &e->in[14], &e->in[15], &e->in[16], &e->in[17], &e->in[18], &e->in[19], &e->in[20]);
    return interpret(inputs, IPC_DEFINED);
}
