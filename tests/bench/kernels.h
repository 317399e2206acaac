/* The kernels that can be measured and the snippets of their languages, as data. */
#ifndef BENCH_KERNELS_H
#define BENCH_KERNELS_H

#include "command.h"

/*
 * Cells of one language. In `lines` and `big`, {N} stands for a number. NULL: the language cannot
 * do it, and the metrics that need it are left out.
 */
struct language {
    const char *name;
    const char *expression; /* what the latency metrics execute */
    const char *expected;   /* its text/plain */
    const char *lines;      /* prints 0, 1, ... N-1, one per line */
    const char *big;        /* prints "0123456789abcdef" {N} times and a newline, in one call */
};

#define BIG_PATTERN "0123456789abcdef"

struct kernel_spec {
    char name[32];
    const char *command; /* {connection_file}, {build} and {bench} are replaced */
    const char *probe;   /* must succeed, or the kernel is skipped; NULL: no probe */
    struct language language;
    bool is_signed; /* the floor signs nothing */
    bool is_peer;   /* somebody else's: what it gets wrong is noted, but is no failure of the run */
    bool is_on_request; /* not measured by default */
    struct command parsed;
};

#define KERNELS_MAX 16

struct kernel_list {
    struct kernel_spec specs[KERNELS_MAX];
    int count;
};

/* What the placeholders stand for. */
struct kernel_places {
    const char *build;
    const char *bench;
};

/* NULL when the language is not in the table. */
const struct language *language_find(const char *name);

/* Appends; NULL when the list is full. */
struct kernel_spec *kernels_add(struct kernel_list *list, const struct kernel_spec *spec);

/*
 * Appends the table's kernels of this name, or all that are measured by default when it is NULL.
 * Several of one name are alternatives, the best first. False when there is none.
 */
bool kernels_add_known(struct kernel_list *list, const char *name);

/*
 * Parses the commands, keeps the first alternative of each name that is installed, and says on
 * stderr what is not.
 */
void kernels_prepare(struct kernel_list *list, const struct kernel_places *places);
void kernels_fini(struct kernel_list *list);

#endif
