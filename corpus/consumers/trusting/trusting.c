/* A sensor of the kind of July 2024: it interprets channel files, and trusts them. Counts, positions, types and absences
 * are taken as they come; every store has the room that the sensor's contract states, and nobody looks whether it does.
 * Built with the address sanitizer it shows which content crashes such a sensor. README.md lists what crashes it and what
 * it does silently instead.
 *
 *   trusting CONTRACT     speaks the consumer protocol (validators/gate/CONSUMER.md) on standard input and output
 *
 * Left out: case beyond ASCII, and regular expressions other than those that POSIX reads as FORMAT.md does; it answers
 * that it does not support them. */
#define _DEFAULT_SOURCE 1
#include "contract.h"
#include <ctype.h>
#include <regex.h>

/* ---- What the sensor stores. ---- */

static void **owned;
static size_t owned_count;
static regex_t **regexes;
static size_t regex_count;

/* Room for as many as the sensor has room for. More than a test ever fills is not really set aside. */
static void *room(uint64_t count, size_t size)
{
    const uint64_t enough = 1 << 20;
    void *p = must(malloc((count < enough ? count : enough) * size));
    owned = must(realloc(owned, (owned_count + 1) * sizeof *owned));
    return owned[owned_count++] = p;
}

static void forget(void)
{
    while (regex_count > 0)
        regfree(regexes[--regex_count]);
    while (owned_count > 0)
        free(owned[--owned_count]);
    for (uint32_t i = 0; i < sensor.type_count; i++)
        sensor.types[i].count = 0;
}

/* The number as its store keeps it: the compiler cuts it, and -fsanitize=implicit-conversion (clang) tells. */
static uint64_t store(uint64_t n, unsigned bits)
{
    switch (bits) {
    case 7: { int8_t cell = n; return (uint64_t)cell; }
    case 8: { uint8_t cell = n; return cell; }
    case 15: { int16_t cell = n; return (uint64_t)cell; }
    case 16: { uint16_t cell = n; return cell; }
    case 31: { int32_t cell = n; return (uint64_t)cell; }
    case 32: { uint32_t cell = n; return cell; }
    default: return bits < 63 ? n & ((UINT64_C(1) << bits) - 1) : n;
    }
}

static int64_t store_signed(int64_t n, unsigned bits)
{
    switch (bits) {
    case 7: { int8_t cell = n; return cell; }
    case 15: { int16_t cell = n; return cell; }
    case 31: { int32_t cell = n; return cell; }
    default: return n;
    }
}

struct pattern {
    uint8_t operator;
    bool nocase;
    const struct text *text;
    regex_t *regex;
    int64_t a, b;
    uint8_t address[16];
    unsigned bytes, prefix; /* of the address */
};
struct clause {
    bool none_of;
    uint32_t count;
    struct pattern *patterns;
};
struct criterion {
    uint32_t count;
    struct clause *clauses;
};
struct instance {
    struct type *type;
    uint32_t slot;
    uint64_t cost;
};
struct detection {
    uint32_t first, include_end, exclude_end;
};
static struct {
    const uint8_t *bytes;
    uint32_t detection_count, instance_count, pattern_count;
    struct type **types;
    struct detection *detections;
    struct instance *instances;
    uint32_t *matches;
} file;

/* ---- Loading. ---- */

enum { TYPE, FLDS, DETS, INST, CRIT, CLAU, PATT };

static uint32_t u32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static const uint8_t *section(unsigned which)
{
    return file.bytes + u32(file.bytes + 40 + 24 * which + 8);
}

static uint32_t rows(unsigned which)
{
    return u32(section(which));
}

/* A cell of four bytes. Columns stand one after another, each with a cell for each row. */
static uint32_t cell(unsigned which, unsigned column, uint32_t row)
{
    return u32(section(which) + 8 + 4 * ((uint64_t)column * rows(which) + row));
}

static uint8_t byte(unsigned which, unsigned columns_before, uint32_t row)
{
    return section(which)[8 + 4 * (uint64_t)columns_before * rows(which) + row];
}

/* Where the row's share starts: where that of the row before ends. */
static uint32_t start(unsigned which, unsigned column, uint32_t row)
{
    return row == 0 ? 0 : cell(which, column, row - 1);
}

static uint64_t hex(const char *digits, unsigned count)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < count; i++)
        n = n << 4 | (digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10);
    return n;
}

static const char *operand_of(uint32_t row)
{
    return (const char *)section(PATT) + 8 + 5 * (uint64_t)rows(PATT) + start(PATT, 0, row);
}

/* Whether POSIX and FORMAT.md read an expression alike: no `.`, no groups, no escapes but of punctuation. */
static bool is_common(const char *bytes, uint32_t length)
{
    bool in_brackets = false;
    for (uint32_t i = 0; i < length; i++) {
        char c = bytes[i];
        if (c == '\\' && (in_brackets || ++i >= length || !ispunct((unsigned char)bytes[i])))
            return false;
        if (c == '.' || c == '(' || c == '|' || c == '\0' || (unsigned char)c >= 0x80 || (in_brackets && c == '['))
            return false;
        in_brackets = (in_brackets || c == '[') && c != ']';
    }
    return true;
}

static regex_t *load_regex(const struct text *text, bool nocase)
{
    char *ended = room(text->length + 1, 1);
    memcpy(ended, text->bytes, text->length);
    ended[text->length] = '\0';
    regex_t *regex = room(1, sizeof *regex);
    must(regcomp(regex, ended, REG_EXTENDED | REG_NOSUB | (nocase ? REG_ICASE : 0)) == 0 ? regex : NULL);
    regexes = must(realloc(regexes, (regex_count + 1) * sizeof *regexes));
    return regexes[regex_count++] = regex;
}

static struct pattern load_pattern(uint32_t row)
{
    uint32_t length = cell(PATT, 0, row) - start(PATT, 0, row);
    const char *operand = operand_of(row);
    struct pattern p = {.operator = byte(PATT, 1, row) & 0x7f, .nocase = byte(PATT, 1, row) >> 7};
    if (p.operator <= REGEX) {
        struct text *text = room(sizeof *text + sensor.operand_bytes, 1);
        text->length = length;
        memcpy(text->bytes, operand, length);
        p.text = text;
        if (p.operator == REGEX)
            p.regex = load_regex(text, p.nocase);
    } else if (p.operator <= MASK) {
        p.a = p.b = store_signed((int64_t)hex(operand, 16), sensor.integer_bits);
        if (p.operator != EQUAL)
            p.b = store_signed((int64_t)hex(operand + 16, 16), sensor.integer_bits);
    } else if (p.operator == NETWORK) {
        p.bytes = length / 2 - 1;
        for (unsigned i = 0; i < p.bytes; i++)
            p.address[i] = (uint8_t)hex(operand + 2 * i, 2);
        p.prefix = (unsigned)hex(operand + 2 * p.bytes, 2);
    }
    return p;
}

static struct criterion load_criterion(uint32_t row)
{
    uint32_t from = start(CRIT, 0, row), to = cell(CRIT, 0, row);
    struct criterion c = {.count = to - from, .clauses = room(sensor.clauses, sizeof *c.clauses)};
    for (uint32_t i = 0; i < c.count; i++) {
        uint32_t first = start(CLAU, 0, from + i), end = cell(CLAU, 0, from + i);
        struct pattern *patterns = room(sensor.patterns, sizeof *patterns);
        for (uint32_t j = 0; j < end - first; j++)
            patterns[j] = load_pattern(first + j);
        c.clauses[i] = (struct clause){byte(CLAU, 1, from + i) == 1, end - first, patterns};
    }
    return c;
}

static void load_instance(uint32_t row)
{
    struct instance *instance = &file.instances[row];
    struct type *type = file.types[cell(INST, 0, row)];
    uint32_t from = start(INST, 1, row), to = cell(INST, 1, row);
    struct criterion *block = room(type->defined, sizeof *block);
    *instance = (struct instance){.type = type, .slot = type->count};
    type->blocks[type->count++] = block;
    for (uint32_t i = 0; i < to - from; i++)
        block[i] = load_criterion(from + i);
    /* What an event may cost: the patterns of all fields. */
    for (uint32_t i = 0; i < type->defined; i++)
        for (uint32_t j = 0; j < block[i].count; j++)
            instance->cost += block[i].clauses[j].count;
}

static bool load(const uint8_t *bytes, size_t length)
{
    forget();
    uint8_t *kept = must(calloc(sensor.file_bytes < 1 << 28 ? sensor.file_bytes : 1 << 28, 1));
    owned = must(realloc(owned, (owned_count + 1) * sizeof *owned));
    owned[owned_count++] = kept;
    file.bytes = memcpy(kept, bytes, length);
    uint32_t channel = (uint32_t)store(u32(kept + 24), sensor.channel_bits);
    store(u32(kept + 28), sensor.part_bits);
    store(u32(kept + 32), sensor.revision_bits);
    file.detection_count = (uint32_t)store(rows(DETS), sensor.detections_bits);
    file.instance_count = (uint32_t)store(rows(INST), sensor.instances_bits);
    file.pattern_count = (uint32_t)store(rows(PATT), sensor.patterns_bits);
    for (uint32_t i = 0; i < file.pattern_count; i++)
        if ((byte(PATT, 1, i) & 0x7f) == REGEX && !is_common(operand_of(i), cell(PATT, 0, i) - start(PATT, 0, i)))
            return false;
    file.types = room(rows(TYPE), sizeof *file.types);
    for (uint32_t i = 0; i < rows(TYPE); i++) {
        struct type *type = find((uint32_t)store(cell(TYPE, 0, i), sensor.type_id_bits));
        uint32_t revision = (uint32_t)store(cell(TYPE, 1, i), sensor.type_revision_bits);
        store(cell(TYPE, 2, i) - start(TYPE, 2, i), sensor.fields_bits);
        if (type != NULL && (type->revision != revision || type->channel != channel))
            type = NULL; /* another type of that name, then; there will be one */
        type->blocks = room(type->cap, sizeof *type->blocks);
        file.types[i] = type;
    }
    file.instances = room(sensor.instances, sizeof *file.instances);
    for (uint32_t i = 0; i < file.instance_count; i++)
        load_instance(i);
    file.detections = room(sensor.detections, sizeof *file.detections);
    for (uint32_t i = 0; i < file.detection_count; i++)
        file.detections[i] = (struct detection){start(DETS, 1, i), cell(DETS, 0, i), cell(DETS, 1, i)};
    /* As many matches as their counter can count. */
    file.matches = room(sensor.matches_bits < 20 ? (UINT64_C(1) << sensor.matches_bits) - 1 : 1 << 20, sizeof(uint32_t));
    return true;
}

/* ---- Events. ---- */

static char folded(char c, bool nocase)
{
    return nocase && c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool same(const char *a, const char *b, uint32_t length, bool nocase)
{
    for (uint32_t i = 0; i < length; i++)
        if (folded(a[i], nocase) != folded(b[i], nocase))
            return false;
    return true;
}

static bool exact(const struct pattern *p, const struct input *in)
{
    return in->text->length == p->text->length && same(in->text->bytes, p->text->bytes, p->text->length, p->nocase);
}

static bool prefix(const struct pattern *p, const struct input *in)
{
    return in->text->length >= p->text->length && same(in->text->bytes, p->text->bytes, p->text->length, p->nocase);
}

static bool suffix(const struct pattern *p, const struct input *in)
{
    const struct text *t = in->text;
    return t->length >= p->text->length &&
           same(t->bytes + t->length - p->text->length, p->text->bytes, p->text->length, p->nocase);
}

static bool contains(const struct pattern *p, const struct input *in)
{
    const struct text *t = in->text;
    for (uint32_t i = 0; i + p->text->length <= t->length; i++)
        if (same(t->bytes + i, p->text->bytes, p->text->length, p->nocase))
            return true;
    return false;
}

/* The bytes of one character of UTF-8. */
static uint32_t width(char c)
{
    unsigned char u = (unsigned char)c;
    return u < 0x80 ? 1 : u < 0xe0 ? 2 : u < 0xf0 ? 3 : 4;
}

static bool glob(const struct pattern *p, const struct input *in)
{
    const char *pattern = p->text->bytes, *text = in->text->bytes;
    uint32_t i = 0, j = 0, after_star = UINT32_MAX, taken = 0;
    while (j < in->text->length || (i < p->text->length && pattern[i] == '*')) {
        bool more = i < p->text->length;
        if (more && pattern[i] == '*') {
            after_star = ++i, taken = j;
            continue;
        }
        bool any = more && pattern[i] == '?', escaped = more && pattern[i] == '\\' && i + 1 < p->text->length;
        if (any || (more && folded(pattern[i + escaped], p->nocase) == folded(text[j], p->nocase))) {
            i += 1 + escaped, j += any ? width(text[j]) : 1;
        } else if (after_star != UINT32_MAX) {
            taken += width(text[taken]);
            i = after_star, j = taken;
        } else {
            return false;
        }
    }
    return i == p->text->length;
}

static bool regex(const struct pattern *p, const struct input *in)
{
    uint32_t length = in->text->length;
    char *ended = must(malloc(length + 1));
    memcpy(ended, in->text->bytes, length);
    ended[length] = '\0';
    regmatch_t whole = {.rm_so = 0, .rm_eo = (regoff_t)length};
    bool found = regexec(p->regex, ended, 1, &whole, REG_STARTEND) == 0;
    free(ended);
    return found;
}

static bool equal(const struct pattern *p, const struct input *in) { return in->integer == p->a; }
static bool range(const struct pattern *p, const struct input *in) { return p->a <= in->integer && in->integer <= p->b; }
static bool mask(const struct pattern *p, const struct input *in) { return (in->integer & p->a) == p->b; }

static bool network(const struct pattern *p, const struct input *in)
{
    if (in->bytes != p->bytes)
        return false;
    for (unsigned bit = 0; bit < p->prefix; bit++)
        if ((in->address[bit / 8] ^ p->address[bit / 8]) & (0x80 >> bit % 8))
            return false;
    return true;
}

/* What this sensor does not implement stays empty. */
static bool (*jump[OPERATORS])(const struct pattern *, const struct input *);

static void fill_jump(void)
{
    bool (*const all[])(const struct pattern *, const struct input *) = {
        exact, prefix, suffix, contains, glob, regex, equal, range, mask, network, NULL, NULL};
    for (unsigned i = 0; i < OPERATORS; i++)
        jump[i] = sensor.operators >> i & 1 ? all[i] : NULL;
}

static bool pattern_matches(const struct pattern *p, const struct type *type, uint32_t at)
{
    const struct field *field = &type->fields[at];
    if ((p->operator == PRESENT || p->operator == ABSENT) && (sensor.operators >> p->operator & 1))
        return type->absent[field->flag] == (p->operator == ABSENT);
    if (field->nullable && type->absent[field->flag])
        return false;
    return jump[p->operator](p, type->inputs[at]);
}

static bool criterion_holds(const struct criterion *criterion, const struct type *type, uint32_t at)
{
    for (uint32_t i = 0; i < criterion->count; i++) {
        const struct clause *clause = &criterion->clauses[i];
        bool any = false;
        for (uint32_t j = 0; j < clause->count && !any; j++)
            any = pattern_matches(&clause->patterns[j], type, at);
        if (any == clause->none_of)
            return false;
    }
    return true;
}

static bool any_matches(uint32_t from, uint32_t to, const struct type *type, uint32_t **next)
{
    for (uint32_t i = from; i < to; i++) {
        const struct instance *instance = &file.instances[i];
        bool holds = instance->type == type;
        for (uint32_t at = 0; holds && at < type->defined; at++)
            holds = criterion_holds(&type->blocks[instance->slot][at], type, at);
        if (holds) {
            *(*next)++ = i;
            return true;
        }
    }
    return false;
}

static void answer(const struct type *type)
{
    uint32_t *next = file.matches;
    bool none = true;
    for (uint32_t i = 0; i < file.detection_count; i++) {
        const struct detection *d = &file.detections[i];
        if (any_matches(d->first, d->include_end, type, &next) && !any_matches(d->include_end, d->exclude_end, type, &next))
            printf("%s%u", none ? "match " : " ", i), none = false;
    }
    puts(none ? "none" : "");
}

/* ---- The protocol. ---- */

/* Whoever reads the reports of the sanitizer here counts them; names of functions would take a hundred times as long. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "symbolize=0"; }

int main(int argc, char **argv)
{
    if (argc != 2)
        return fprintf(stderr, "usage: trusting CONTRACT\n"), 2;
    read_contract(must(fopen(argv[1], "r")));
    fill_jump();
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0 && strcmp(line, "end\n") != 0) {
        if (strncmp(line, "contentgate-consumer ", 21) == 0) {
            puts("contentgate-consumer 1 trusting");
        } else if (strncmp(line, "file ", 5) == 0) {
            size_t length = strtoul(line + 5, NULL, 10);
            uint8_t *bytes = must(malloc(length + 1));
            if (fread(bytes, 1, length, stdin) != length)
                return 3;
            puts(load(bytes, length) ? "loaded" : "unsupported regular expression");
            free(bytes);
        } else if (strncmp(line, "event ", 6) == 0) {
            struct type *type = event(line + 6);
            answer(type);
            forget_event(type);
        }
        fflush(stdout);
    }
    free(line);
    return 0;
}
