/*
 * A kernel's command line as the benchmark's user writes it: words separated by spaces, '...' and
 * "..." around words with spaces, NAME=VALUE words in front for the environment. No shell runs, so
 * that start-up time is the kernel's alone.
 */
#ifndef BENCH_COMMAND_H
#define BENCH_COMMAND_H

#include <stdbool.h>

#define COMMAND_WORDS_MAX 64

struct command {
    char *environment[COMMAND_WORDS_MAX + 1]; /* NULL-terminated, owned */
    char *words[COMMAND_WORDS_MAX + 1];       /* NULL-terminated, owned */
};

/* A placeholder and what it stands for: {"{build}", "/some/where"}. */
struct placeholder {
    const char *name;
    const char *value;
};

/*
 * Splits `text` and replaces placeholders (an array that ends with a NULL name). False when the
 * text has no command word, too many words or a quote without end.
 */
bool command_parse(struct command *command, const char *text,
                   const struct placeholder *placeholders) __attribute__((warn_unused_result));
void command_fini(struct command *command);

/* Can the first word be executed? Looks along PATH like execvp. */
bool command_is_there(const struct command *command);

/* Runs the command without input or output and waits; true when it exits with status 0. */
bool command_succeeds(const struct command *command);

#endif
