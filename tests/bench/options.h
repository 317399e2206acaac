/* The benchmark's command line, as data. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "bench.h"

struct options {
    bool is_quick;
    bool is_strict;
    const char *json;
    const char *build;
    bool is_selected[BENCH_GROUPS];
    bool has_selection;
    struct kernel_list kernels;
};

/* --help prints and exits. False, with a line on stderr, when something is wrong. */
bool options_parse(struct options *options, int argc, char **argv)
    __attribute__((warn_unused_result));

#endif
