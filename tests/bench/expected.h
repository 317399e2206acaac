/*
 * What a printing cell has to print, compared with what arrives while it arrives: every byte, in
 * order, without keeping any of it.
 */
#ifndef BENCH_EXPECTED_H
#define BENCH_EXPECTED_H

#include "span.h"

#include <stdint.h>

enum output_kind {
    OUTPUT_LINES, /* "0\n1\n2\n..." */
    OUTPUT_BIG,   /* BIG_PATTERN, repeated, and a newline */
};

struct expected {
    enum output_kind kind;
    uint64_t total; /* bytes */
    uint64_t seen;
    bool is_in_order; /* so far */
    char line[24];    /* the current line of OUTPUT_LINES with its newline */
    size_t line_size;
    size_t line_at; /* how much of it has been seen */
};

/* `count`: lines, or repetitions of the pattern. */
void expected_init(struct expected *expected, enum output_kind kind, uint64_t count);

/* Takes the "text" of a stream message: the inside of a JSON string. */
void expected_feed(struct expected *expected, struct span json);

bool expected_is_complete(const struct expected *expected);

/* 0 to 1. Output in the wrong order counts as seen. */
double expected_lost_share(const struct expected *expected);

#endif
