/* contentgate.h: puts a sensor's contract into its binary, as static data. C99 and C++11; no run-time code.
 *
 *   #define IPC(TYPE, FIELD) \
 *       TYPE(IPC, name("ipc"), id(7), revision(1), channel(291), instance_cap(512)) \
 *       FIELD(IPC, PipeName, text(512), required) \
 *       FIELD(IPC, ProcessId, integer, nullable)
 *   CONTENTGATE_TYPE(IPC)                                        at file scope: IPC_PipeName, ..., IPC_DEFINED
 *
 *   CONTENTGATE_INPUTS(IPC, const struct input *, inputs, &pipe_name, &process_id);         at the call site
 *
 * The last line declares the array `inputs`, refuses to compile unless it has exactly one element for every field,
 * and writes the record of the type, whose `supplied` is the length of that array. CONTENTGATE_SENSOR, once in the
 * binary, names the sensor and its limits. FORMAT.md describes the bytes.
 *
 * What it leaves to others: reading the contract (channel-contract) and judging it (contentgate contract lint).
 */
#ifndef CONTENTGATE_H
#define CONTENTGATE_H

#include <stddef.h>
#include <stdint.h>

/* Operators, joined with |. */
#define CONTENTGATE_EXACT (UINT64_C(1) << 0)
#define CONTENTGATE_PREFIX (UINT64_C(1) << 1)
#define CONTENTGATE_SUFFIX (UINT64_C(1) << 2)
#define CONTENTGATE_CONTAINS (UINT64_C(1) << 3)
#define CONTENTGATE_GLOB (UINT64_C(1) << 4)
#define CONTENTGATE_REGEX (UINT64_C(1) << 5)
#define CONTENTGATE_EQUAL (UINT64_C(1) << 6)
#define CONTENTGATE_RANGE (UINT64_C(1) << 7)
#define CONTENTGATE_MASK (UINT64_C(1) << 8)
#define CONTENTGATE_NETWORK (UINT64_C(1) << 9)
#define CONTENTGATE_PRESENT (UINT64_C(1) << 10)
#define CONTENTGATE_ABSENT (UINT64_C(1) << 11)

/* CONTENTGATE_TYPE(T): at file scope, after the list T. Declares T_DEFINED and an index T_<field> for every field. */
#define CONTENTGATE_TYPE(T) \
    enum T##_contentgate_index { T(CG_NO_TYPE, CG_FIELD_INDEX) T##_DEFINED }; \
    struct T##_contentgate_record { \
        struct cg_type_head head; \
        struct cg_field fields[T##_DEFINED]; \
    }; \
    CG_ASSERT(sizeof(struct T##_contentgate_record) == CG_TYPE_LENGTH(T##_DEFINED), T##_layout)

/* CONTENTGATE_INPUTS(T, element, array, ...): at the call site, where declarations may stand. */
#define CONTENTGATE_INPUTS(T, element, array, ...) \
    element array[] = {__VA_ARGS__}; \
    CG_ASSERT(sizeof(array) / sizeof(array[0]) == (size_t)T##_DEFINED, T##_supplies_another_number_than_it_defines); \
    CG_KEEP static const struct T##_contentgate_record T##_contentgate = \
        CG_TYPE_RECORD(T, sizeof(array) / sizeof(array[0]))

/* CONTENTGATE_TYPE_UNCHECKED(T, supplied): at file scope, for a sensor whose call site is as it is. States both
 * numbers and checks neither; lint reports it. */
#define CONTENTGATE_TYPE_UNCHECKED(T, supplied) \
    CONTENTGATE_TYPE(T); \
    extern const struct T##_contentgate_record T##_contentgate; \
    CG_KEEP const struct T##_contentgate_record T##_contentgate = CG_TYPE_RECORD(T, supplied)

/* CONTENTGATE_SENSOR(...): at file scope, once in the binary. Every value stands in its name, in this order; a wrong
 * name does not compile. types(n) is the number of template types, so that one which the linker drops is missed. */
#define CONTENTGATE_SENSOR(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z) \
    extern const struct cg_sensor contentgate_sensor; \
    CG_KEEP const struct cg_sensor contentgate_sensor = CG_SENSOR_RECORD( \
        CG_1_##a, CG_2_##b, CG_3_##c, CG_4_##d, CG_5_##e, CG_6_##f, CG_7_##g, CG_8_##h, CG_9_##i, CG_10_##j, \
        CG_11_##k, CG_12_##l, CG_13_##m, CG_14_##n, CG_15_##o, CG_16_##p, CG_17_##q, CG_18_##r, CG_19_##s, \
        CG_20_##t, CG_21_##u, CG_22_##v, CG_23_##w, CG_24_##x, CG_25_##y, CG_26_##z)

/* ---- Below: how. Nothing in it is meant to be used by itself. ---- */

#define CG_1_name(s) s
#define CG_2_version(s) s
#define CG_3_platform(s) s
#define CG_4_build_id(s) s
#define CG_5_interpreter(n) n
#define CG_6_types(n) n
#define CG_7_operators(n) n
#define CG_8_file_bytes(n) n
#define CG_9_detections(n) n
#define CG_10_instances(n) n
#define CG_11_clauses_per_criterion(n) n
#define CG_12_patterns_per_clause(n) n
#define CG_13_operand_bytes(n) n
#define CG_14_automaton_bytes(n) n
#define CG_15_work_per_event(n) n
#define CG_16_channel_bits(n) n
#define CG_17_part_bits(n) n
#define CG_18_content_revision_bits(n) n
#define CG_19_type_id_bits(n) n
#define CG_20_type_revision_bits(n) n
#define CG_21_fields_per_instance_bits(n) n
#define CG_22_instances_bits(n) n
#define CG_23_detections_bits(n) n
#define CG_24_patterns_bits(n) n
#define CG_25_match_count_bits(n) n
#define CG_26_integer_operand_bits(n) n

#define CG_T1_name(s) s
#define CG_T2_id(n) n
#define CG_T3_revision(n) n
#define CG_T4_channel(n) n
#define CG_T5_instance_cap(n) n

/* Number and max_bytes of each input type. */
#define CG_TYPE_OF_text(n) 0
#define CG_TYPE_OF_integer 1
#define CG_TYPE_OF_address 2
#define CG_BYTES_OF_text(n) n
#define CG_BYTES_OF_integer 0
#define CG_BYTES_OF_address 0
#define CG_NULL_required 0
#define CG_NULL_nullable 1

/* Only bytes, so no padding, no alignment and one byte order. A text ends with at least one zero. */
struct cg_u32 { unsigned char b[4]; };
struct cg_u64 { unsigned char b[8]; };
struct cg_text { char s[80]; };
struct cg_frame {
    unsigned char magic[8], version[2], kind, sealed;
    struct cg_u32 length;
    struct cg_u64 checksum;
};
struct cg_sensor {
    struct cg_frame frame;
    struct cg_text name, version, platform, build_id;
    struct cg_u32 interpreter, types;
    struct cg_u64 operators, file_bytes, automaton_bytes, work_per_event;
    struct cg_u32 detections, instances, clauses_per_criterion, patterns_per_clause, operand_bytes;
    unsigned char widths[11], zero;
};
struct cg_type_head {
    struct cg_frame frame;
    struct cg_text name;
    struct cg_u32 id, revision, channel, instance_cap, defined, supplied;
};
struct cg_field {
    struct cg_text name;
    unsigned char input, nullable, zero[2];
    struct cg_u32 max_bytes;
};

#ifdef __cplusplus
#define CG_ASSERT(condition, name) static_assert(condition, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define CG_ASSERT(condition, name) _Static_assert(condition, #name)
#else
#define CG_ASSERT(condition, name) struct name { int name[(condition) ? 1 : -1]; }
#endif

CG_ASSERT(sizeof(struct cg_sensor) == 416, contentgate_sensor_has_padding);

/* Where the record lies, and that no one drops it. */
#if defined(__APPLE__)
#define CG_KEEP __attribute__((section("__DATA,__chanctr"), used))
#elif defined(__ELF__)
#if defined(__has_attribute)
#if __has_attribute(retain)
#define CG_KEEP __attribute__((section(".chanctr"), used, retain))
#endif
#endif
#ifndef CG_KEEP /* gcc before 11, clang before 13: do not link with --gc-sections, or keep .chanctr by a linker script. */
#define CG_KEEP __attribute__((section(".chanctr"), used))
#endif
#elif defined(__GNUC__) || defined(__clang__)
/* GNU ld for PE has no way to mark a section as kept: link without --gc-sections. What it drops is missed, see types(n). */
#define CG_KEEP __attribute__((section(".chanctr"), used))
#elif defined(_MSC_VER)
#pragma section(".chanctr", read)
#define CG_KEEP __declspec(allocate(".chanctr"))
#else
#error "contentgate.h: unknown how this compiler places data in a section"
#endif

/* gcc and clang take a character of a literal for a constant, and so compute the checksum. What others compile states
 * that it has none; channel_contract::binary::seal fills it in, before the binary is signed. */
#if (defined(__GNUC__) || defined(__clang__)) && !defined(CONTENTGATE_UNSEALED)
#define CG_SEALED 1
#define CG_CHECKSUM(sum) CG_U64(sum)
#else
#define CG_SEALED 0
#define CG_CHECKSUM(sum) CG_U64(0)
#endif

#define CG_BYTE(n, i) (unsigned char)((uint64_t)(n) >> (8 * (i)) & 255)
#define CG_U32(n) {{CG_BYTE(n, 0), CG_BYTE(n, 1), CG_BYTE(n, 2), CG_BYTE(n, 3)}}
#define CG_U64(n) \
    {{CG_BYTE(n, 0), CG_BYTE(n, 1), CG_BYTE(n, 2), CG_BYTE(n, 3), CG_BYTE(n, 4), CG_BYTE(n, 5), CG_BYTE(n, 6), \
      CG_BYTE(n, 7)}}
#define CG_MAGIC {0x89, 'C', 'H', 'A', 'N', 'C', 'T', 'R'}
#define CG_FRAME(kind, length, sum) \
    {CG_MAGIC, {1, 0}, kind, CG_SEALED, CG_U32(length), CG_CHECKSUM(sum)}

/* The checksum: byte i counts 1 + (i + 1) * 2^32 times. */
#define CG_W(i) (((uint64_t)(i) + 1) * (UINT64_C(1) << 32) + 1)
#define CG_S1(at, n, i) (uint64_t) CG_BYTE(n, i) * CG_W((at) + (i))
#define CG_SUM_U8(at, n) CG_S1(at, n, 0)
#define CG_SUM_U32(at, n) (CG_S1(at, n, 0) + CG_S1(at, n, 1) + CG_S1(at, n, 2) + CG_S1(at, n, 3))
#define CG_SUM_U64(at, n) \
    (CG_SUM_U32(at, n) + CG_S1(at, n, 4) + CG_S1(at, n, 5) + CG_S1(at, n, 6) + CG_S1(at, n, 7))
/* Past its end a text counts as the zero that ends it. */
#define CG_C(at, s, i) (uint64_t)(unsigned char)(s)[(i) < sizeof(s) ? (i) : sizeof(s) - 1] * CG_W((at) + (i))
#define CG_C8(at, s, i) \
    (CG_C(at, s, i) + CG_C(at, s, i + 1) + CG_C(at, s, i + 2) + CG_C(at, s, i + 3) + CG_C(at, s, i + 4) + \
     CG_C(at, s, i + 5) + CG_C(at, s, i + 6) + CG_C(at, s, i + 7))
#define CG_SUM_TEXT(at, s) \
    (CG_C8(at, s, 0) + CG_C8(at, s, 8) + CG_C8(at, s, 16) + CG_C8(at, s, 24) + CG_C8(at, s, 32) + CG_C8(at, s, 40) + \
     CG_C8(at, s, 48) + CG_C8(at, s, 56) + CG_C8(at, s, 64) + CG_C8(at, s, 72))
#define CG_SUM_FRAME(kind, length) \
    (CG_S1(0, 0x89, 0) + CG_S1(1, 'C', 0) + CG_S1(2, 'H', 0) + CG_S1(3, 'A', 0) + CG_S1(4, 'N', 0) + \
     CG_S1(5, 'C', 0) + CG_S1(6, 'T', 0) + CG_S1(7, 'R', 0) + CG_SUM_U8(8, 1) + CG_SUM_U8(10, kind) + \
     CG_SUM_U8(11, 1) + CG_SUM_U32(12, length))

#define CG_NO_TYPE(T, ...)
#define CG_NO_FIELD(T, field, input, null)
#define CG_FIELD_INDEX(T, field, input, null) T##_##field,
#define CG_FIELD_ENTRY(T, field, input, null) \
    {{#field}, CG_TYPE_OF_##input, CG_NULL_##null, {0, 0}, CG_U32(CG_BYTES_OF_##input)},
#define CG_FIELD_AT(index) (128 + 88 * (uint64_t)(index))
#define CG_FIELD_SUM(T, field, input, null) \
    +CG_SUM_TEXT(CG_FIELD_AT(T##_##field), #field) + CG_SUM_U8(CG_FIELD_AT(T##_##field) + 80, CG_TYPE_OF_##input) + \
        CG_SUM_U8(CG_FIELD_AT(T##_##field) + 81, CG_NULL_##null) + \
        CG_SUM_U32(CG_FIELD_AT(T##_##field) + 84, CG_BYTES_OF_##input)

#define CG_TYPE_LENGTH(defined) (128 + 88 * (uint64_t)(defined))
#define CG_HEAD_ENTRY(T, name, id, revision, channel, instance_cap) \
    {CG_T1_##name}, CG_U32(CG_T2_##id), CG_U32(CG_T3_##revision), CG_U32(CG_T4_##channel), CG_U32(CG_T5_##instance_cap),
#define CG_HEAD_SUM(T, name, id, revision, channel, instance_cap) \
    +CG_SUM_TEXT(24, CG_T1_##name) + CG_SUM_U32(104, CG_T2_##id) + CG_SUM_U32(108, CG_T3_##revision) + \
        CG_SUM_U32(112, CG_T4_##channel) + CG_SUM_U32(116, CG_T5_##instance_cap)
#define CG_TYPE_SUM(T, supplied) \
    (CG_SUM_FRAME(2, CG_TYPE_LENGTH(T##_DEFINED)) + CG_SUM_U32(120, T##_DEFINED) + CG_SUM_U32(124, supplied) \
         T(CG_HEAD_SUM, CG_FIELD_SUM))
#define CG_TYPE_RECORD(T, supplied) \
    {{CG_FRAME(2, CG_TYPE_LENGTH(T##_DEFINED), CG_TYPE_SUM(T, supplied)), \
      T(CG_HEAD_ENTRY, CG_NO_FIELD) CG_U32(T##_DEFINED), CG_U32(supplied)}, \
     {T(CG_NO_TYPE, CG_FIELD_ENTRY)}}

#define CG_SENSOR_RECORD(name, version, platform, build, interpreter, types, operators, file, detections, instances, \
                         clauses, patterns, operand, automaton, work, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10) \
    {CG_FRAME(1, 416, \
              CG_SUM_FRAME(1, 416) + CG_SUM_TEXT(24, name) + CG_SUM_TEXT(104, version) + CG_SUM_TEXT(184, platform) +\
                  CG_SUM_TEXT(264, build) + CG_SUM_U32(344, interpreter) + CG_SUM_U32(348, types) + \
                  CG_SUM_U64(352, operators) + CG_SUM_U64(360, file) + CG_SUM_U64(368, automaton) + \
                  CG_SUM_U64(376, work) + CG_SUM_U32(384, detections) + CG_SUM_U32(388, instances) + \
                  CG_SUM_U32(392, clauses) + CG_SUM_U32(396, patterns) + CG_SUM_U32(400, operand) + \
                  CG_SUM_U8(404, w0) + CG_SUM_U8(405, w1) + CG_SUM_U8(406, w2) + CG_SUM_U8(407, w3) + \
                  CG_SUM_U8(408, w4) + CG_SUM_U8(409, w5) + CG_SUM_U8(410, w6) + CG_SUM_U8(411, w7) + \
                  CG_SUM_U8(412, w8) + CG_SUM_U8(413, w9) + CG_SUM_U8(414, w10)), \
     {name}, {version}, {platform}, {build}, CG_U32(interpreter), CG_U32(types), CG_U64(operators), CG_U64(file), \
     CG_U64(automaton), CG_U64(work), CG_U32(detections), CG_U32(instances), CG_U32(clauses), CG_U32(patterns), \
     CG_U32(operand), {w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10}, 0}

#endif
