/* The trusting sensor with many contracts, for the test that tries every small content on every small sensor. It is told what
 * to do without being waited for, and what would end it is an answer:
 *
 *   sensor N LENGTH, then so many bytes     sensor N has this contract, from 0 on (contract.h); no answer
 *   file LENGTH, then so many bytes         the next file; no answer
 *   load N                                  as sensor N from here on: `loaded`, `unsupported`, `died`
 *   event JSON                              as in CONSUMER.md; a line that ends with `died`; `unloaded`
 *
 * A process for each of millions of deaths would take an hour. So the functions by which the address sanitizer tells of a
 * wrong access, and the signals of the others, lead back to the loop below. They come before the access is made: what dies
 * here has changed nothing. That processes really end of it, the tests of the corpus see. */
#define _DEFAULT_SOURCE 1
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* As the sanitizer sees it: that of the library has a report of its own, past the functions below. */
static void *copy(void *to, const void *from, size_t length)
{
    for (size_t i = 0; i < length; i++)
        ((volatile char *)to)[i] = ((const char *)from)[i];
    return to;
}

#define memcpy copy
#define main consumer
#include "trusting.c"
#undef main

enum { SENSORS = 1 << 10 };

static sigjmp_buf death;
static volatile bool may_die;

static void die(void)
{
    if (!may_die)
        _exit(4);
    siglongjmp(death, 1);
}

#define REPORTS(size)                                                                                                        \
    void __asan_report_load##size(void *at);                                                                                 \
    void __asan_report_load##size(void *at) { (void)at, die(); }                                                             \
    void __asan_report_store##size(void *at);                                                                                \
    void __asan_report_store##size(void *at) { (void)at, die(); }
REPORTS(1)
REPORTS(2)
REPORTS(4)
REPORTS(8)
REPORTS(16)
void __asan_report_load_n(void *at, size_t size);
void __asan_report_load_n(void *at, size_t size) { (void)at, (void)size, die(); }
void __asan_report_store_n(void *at, size_t size);
void __asan_report_store_n(void *at, size_t size) { (void)at, (void)size, die(); }

static void signalled(int number) { (void)number, die(); }

static uint8_t *take(size_t length)
{
    uint8_t *bytes = must(malloc(length + 1));
    if (fread(bytes, 1, length, stdin) != length)
        exit(3);
    return bytes;
}

static void try_load(const uint8_t *bytes, size_t length, volatile bool *loaded)
{
    *loaded = false;
    may_die = true;
    if (sigsetjmp(death, 0) == 0)
        puts((*loaded = load(bytes, length)) ? "loaded" : "unsupported");
    else
        puts("died");
    may_die = false;
}

static void try_event(char *json)
{
    struct type *volatile type = event(json);
    may_die = true;
    if (sigsetjmp(death, 0) == 0)
        answer(type);
    else
        puts(" died");
    may_die = false;
    forget_event(type);
}

int main(void)
{
    static __typeof__(sensor) sensors[SENSORS];
    const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP};
    struct sigaction action = {.sa_handler = signalled, .sa_flags = SA_NODEFER};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
    char *line = NULL;
    uint8_t *content = NULL;
    size_t capacity = 0, length = 0;
    volatile bool loaded = false;
    while (getline(&line, &capacity, stdin) > 0) {
        char *rest = line + strcspn(line, " ");
        if (strncmp(line, "event ", 6) == 0 && loaded) {
            try_event(rest);
        } else if (strncmp(line, "event ", 6) == 0) {
            puts("unloaded");
        } else if (strncmp(line, "load ", 5) == 0) {
            sensor = sensors[strtoul(rest, NULL, 10) % SENSORS];
            fill_jump();
            try_load(content, length, &loaded);
        } else if (strncmp(line, "file ", 5) == 0) {
            free(content);
            length = strtoul(rest, NULL, 10);
            content = take(length);
        } else if (strncmp(line, "sensor ", 7) == 0) {
            unsigned long n = strtoul(rest, &rest, 10), words = strtoul(rest, NULL, 10);
            uint8_t *contract = take(words);
            memset(&sensor, 0, sizeof sensor);
            read_contract(must(fmemopen(contract, words, "r")));
            sensors[n % SENSORS] = sensor;
            free(contract);
        } else {
            exit(3);
        }
    }
    return 0;
}
