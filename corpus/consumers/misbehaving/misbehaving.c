/* A consumer that does one thing wrong, named by its argument: at start, on the file, or on an event whose first input is
 * "now". The tests of the gate hold each to its finding. What it tries and is kept from, it says and ends with status 1;
 * what it tries and can do, it says with status 9. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *mode, *argument;

static int is(const char *name)
{
    return strcmp(mode, name) == 0;
}

static void tried(int worked, const char *what)
{
    fprintf(stderr, "%s: %s\n", what, worked ? "it worked" : strerror(errno));
    exit(worked ? 9 : 1);
}

static void try_connect(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    tried(s >= 0 && (connect(s, (struct sockaddr *)&to, sizeof to) == 0 || errno == ECONNREFUSED), "connection");
}

static void try_forks(void)
{
    /* Few, so that a gate that lets them through survives its test. */
    int made = 0;
    for (int i = 0; i < 8; i++) {
        pid_t child = fork();
        if (child == 0)
            pause();
        made += child > 0;
    }
    tried(made > 0, "processes");
}

static void *forever(void *unused)
{
    for (;;)
        pause();
    return unused;
}

static void misbehave(void)
{
    static char *kept;
    static long events;
    events++;
    if (is("crash"))
        *(volatile int *)0 = 1;
    else if (is("abort"))
        abort();
    else if (is("exit"))
        fprintf(stderr, "out of cheese\n"), exit(3);
    else if (is("end"))
        exit(0);
    else if (is("busy"))
        for (volatile unsigned long i = 0;; i++)
            ;
    else if (is("sleep"))
        for (;;)
            pause();
    else if (is("garbage"))
        puts("\033[2J<html>502 Bad Gateway</html>");
    else if (is("endless"))
        for (;;)
            fputs("match 0 ", stdout);
    else if (is("flood"))
        for (;;)
            puts("none");
    else if (is("chatter"))
        for (int i = 0; i < 100000; i++)
            fputs("a line that nobody asked for\n", stderr);
    else if (is("close"))
        fclose(stdout), sleep(600);
    else if (is("hog"))
        for (;;)
            kept = malloc(1 << 20), memset(kept, 1, 1 << 20);
    else if (is("threads"))
        for (pthread_t thread;;)
            pthread_create(&thread, NULL, forever, NULL);
    else if (is("beyond"))
        puts("match 4000000000");
    else if (is("unsorted"))
        puts("match 1 0");
    else if (is("wrong"))
        puts("match 1");
    else if (is("twice"))
        puts("none");
    else if (is("connect"))
        try_connect();
    else if (is("forks"))
        try_forks();
    else if (is("write"))
        tried(open("misbehaved.txt", O_WRONLY | O_CREAT, 0600) >= 0, "file");
    else if (is("read"))
        tried(open(argument, O_RDONLY | O_DIRECTORY) >= 0, "folder");
    else if (is("environment"))
        errno = EPERM, tried(getenv("CONTENTGATE_TEST_TOKEN") != NULL, "token");
    else if (is("kill"))
        tried(kill(getppid(), 0) == 0, "signal");
}

/* What goes on in the sensor little by little. */
static void decay(void)
{
    static long events;
    static volatile long work;
    events++;
    if (is("leak"))
        memset(malloc(400), 1, 400);
    /* By more than equal rounds differ by on a fast machine. */
    if (is("slower"))
        for (long i = 0; i < events * 400; i++)
            work += i;
    if (is("third") && events == 3)
        abort();
}

int main(int argc, char **argv)
{
    mode = argc > 1 ? argv[1] : "";
    argument = argc > 2 ? argv[2] : "";
    char *line = NULL;
    size_t capacity = 0;
    if (is("mute"))
        pause();
    if (is("deaf")) {
        puts("contentgate-consumer 1 deaf");
        fflush(stdout);
        pause();
    }
    while (getline(&line, &capacity, stdin) > 0 && strcmp(line, "end\n") != 0) {
        if (strncmp(line, "contentgate-consumer ", 21) == 0) {
            printf("contentgate-consumer %d misbehaving\n", is("version") ? 2 : 1);
        } else if (strncmp(line, "file ", 5) == 0) {
            for (size_t left = strtoul(line + 5, NULL, 10); left > 0 && getchar() != EOF; left--)
                ;
            puts(is("refuse") ? "refused I know no such thing" : is("unsupported") ? "unsupported wrong phase of the moon" : "loaded");
        } else {
            decay();
            if (strstr(line, "[\"now\"") != NULL) {
                misbehave();
                if (is("garbage") || is("beyond") || is("unsorted") || is("wrong"))
                    goto next;
            }
            puts(strstr(line, "\"hit\"") != NULL ? "match 0" : "none");
        }
    next:
        fflush(stdout);
    }
    return 0;
}
