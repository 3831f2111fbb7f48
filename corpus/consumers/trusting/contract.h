/* What the trusting sensor is told from outside: its contract, and the texts of events. Nothing here is about content.
 *
 * The contract is a file of words: operators as bits; the room for bytes of a file, detections, instances, clauses, patterns,
 * bytes of an operand; the bits of channel, part, revision, type id, type revision, fields, instances, detections, patterns,
 * matches, integer operands; then for each type
 *     type ID REVISION CHANNEL CAP SUPPLIED DEFINED
 *     field text|integer|address required|nullable          once for each field
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    uint32_t length;
    char bytes[];
};
/* One input: what it is, is in the contract alone. */
struct input {
    union {
        const struct text *text;
        int64_t integer;
        uint8_t address[16];
    };
    unsigned bytes; /* of an address */
};

enum { EXACT, PREFIX, SUFFIX, CONTAINS, GLOB, REGEX, EQUAL, RANGE, MASK, NETWORK, PRESENT, ABSENT, OPERATORS };
enum kind { TEXT, INTEGER, ADDRESS };

struct field {
    enum kind kind;
    bool nullable;
    int flag; /* where it stands among the absences; only what may be absent has one */
};
struct type {
    uint32_t id, revision, channel, cap, supplied, defined, count;
    struct field *fields;
    struct criterion **blocks; /* one block of criteria for each instance */
    const struct input **inputs;
    struct input *values;
    bool *absent;
};
static struct {
    uint64_t operators, file_bytes, detections, instances, clauses, patterns, operand_bytes;
    unsigned channel_bits, part_bits, revision_bits, type_id_bits, type_revision_bits, fields_bits;
    unsigned instances_bits, detections_bits, patterns_bits, matches_bits, integer_bits;
    struct type *types;
    uint32_t type_count;
} sensor;

static void *must(void *p)
{
    if (p == NULL)
        exit(3);
    return p;
}

static void read_contract(FILE *in)
{
    unsigned long n[18];
    if (fscanf(in, "%lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu", &n[0], &n[1], &n[2], &n[3],
               &n[4], &n[5], &n[6], &n[7], &n[8], &n[9], &n[10], &n[11], &n[12], &n[13], &n[14], &n[15], &n[16],
               &n[17]) != 18)
        exit(3);
    sensor.operators = n[0], sensor.file_bytes = n[1], sensor.detections = n[2], sensor.instances = n[3];
    sensor.clauses = n[4], sensor.patterns = n[5], sensor.operand_bytes = n[6];
    sensor.channel_bits = (unsigned)n[7], sensor.part_bits = (unsigned)n[8], sensor.revision_bits = (unsigned)n[9];
    sensor.type_id_bits = (unsigned)n[10], sensor.type_revision_bits = (unsigned)n[11];
    sensor.fields_bits = (unsigned)n[12], sensor.instances_bits = (unsigned)n[13];
    sensor.detections_bits = (unsigned)n[14], sensor.patterns_bits = (unsigned)n[15];
    sensor.matches_bits = (unsigned)n[16], sensor.integer_bits = (unsigned)n[17];
    struct type t = {0};
    while (fscanf(in, " type %u %u %u %u %u %u", &t.id, &t.revision, &t.channel, &t.cap, &t.supplied, &t.defined) == 6) {
        int flags = 0, supplied_flags = 0;
        t.fields = must(calloc(t.defined + 1, sizeof *t.fields));
        for (uint32_t i = 0; i < t.defined; i++) {
            char kind[8], null[9];
            if (fscanf(in, " field %7s %8s", kind, null) != 2)
                exit(3);
            t.fields[i].kind = kind[0] == 't' ? TEXT : kind[0] == 'i' ? INTEGER : ADDRESS;
            t.fields[i].nullable = null[0] == 'n';
            t.fields[i].flag = t.fields[i].nullable ? flags++ : -1;
            if (i < t.supplied)
                supplied_flags = flags;
        }
        /* What the call site passes: exactly so many inputs, whatever the type defines. */
        t.inputs = must(malloc(t.supplied * sizeof *t.inputs));
        t.values = must(calloc(t.supplied + 1, sizeof *t.values));
        t.absent = must(malloc((size_t)supplied_flags));
        sensor.types = must(realloc(sensor.types, (sensor.type_count + 1) * sizeof t));
        sensor.types[sensor.type_count++] = t;
    }
    fclose(in);
}

static char *utf8(char *out, unsigned long c)
{
    if (c >= 0x10000)
        *out++ = (char)(0xf0 | c >> 18), *out++ = (char)(0x80 | (c >> 12 & 63)), *out++ = (char)(0x80 | (c >> 6 & 63));
    else if (c >= 0x800)
        *out++ = (char)(0xe0 | c >> 12), *out++ = (char)(0x80 | (c >> 6 & 63));
    else if (c >= 0x80)
        *out++ = (char)(0xc0 | c >> 6);
    else
        return *out++ = (char)c, out;
    *out++ = (char)(0x80 | (c & 63));
    return out;
}

static unsigned long escape(const char **in)
{
    char digits[5] = {0};
    memcpy(digits, *in, 4);
    *in += 4;
    return strtoul(digits, NULL, 16);
}

/* Reads a string of JSON in place, from after its first quote; `*in` ends after its last. */
static struct text *string(char **in)
{
    char *from = *in, *out = from;
    const char *at = from;
    while (*at != '"') {
        if (*at != '\\') {
            *out++ = *at++;
            continue;
        }
        char c = at[1];
        at += 2;
        unsigned long code = c == 'u' ? escape(&at) : 0;
        if (code >= 0xd800 && code < 0xdc00)
            at += 2, code = 0x10000 + ((code - 0xd800) << 10) + (escape(&at) - 0xdc00);
        if (c == 'u')
            out = utf8(out, code);
        else
            *out++ = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
    }
    size_t length = (size_t)(out - from);
    struct text *text = must(malloc(sizeof *text + length));
    text->length = (uint32_t)length;
    memcpy(text->bytes, from, length);
    *in += at + 1 - from;
    return text;
}

static struct type *find(uint32_t id)
{
    for (uint32_t i = 0; i < sensor.type_count; i++)
        if (sensor.types[i].id == id)
            return &sensor.types[i];
    return NULL;
}

/* Takes an event: what the gate sends is well formed, and so this trusts it too. */
static struct type *event(char *json)
{
    char *at = strstr(json, "\"type\":") + 7;
    struct type *type = find((uint32_t)strtoul(at, &at, 10));
    at = strchr(at, '[') + 1;
    for (uint32_t i = 0; i < type->supplied; i++, at += *at == ',') {
        const struct field *field = &type->fields[i];
        struct input *in = &type->values[i];
        bool absent = *at == 'n';
        if (field->nullable)
            type->absent[field->flag] = absent;
        type->inputs[i] = absent ? NULL : in;
        memset(in, 0, sizeof *in);
        if (absent) {
            at += 4;
        } else if (*at != '"') {
            in->integer = strtoll(at, &at, 10);
        } else {
            at++;
            struct text *text = string(&at);
            if (field->kind == TEXT) {
                in->text = text;
                continue;
            }
            char address[64] = {0};
            memcpy(address, text->bytes, text->length);
            in->bytes = inet_pton(AF_INET, address, in->address) == 1 ? 4 : 16;
            if (in->bytes == 16)
                inet_pton(AF_INET6, address, in->address);
            free(text);
        }
    }
    return type;
}

static void forget_event(struct type *type)
{
    for (uint32_t i = 0; i < type->supplied; i++)
        if (type->inputs[i] != NULL && type->fields[i].kind == TEXT)
            free((void *)(uintptr_t)type->values[i].text);
}
