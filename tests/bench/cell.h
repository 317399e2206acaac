/* A printing cell while it runs: what it has to print and what came back so far. */
#ifndef BENCH_CELL_H
#define BENCH_CELL_H

#include "expected.h"
#include "session.h"

struct cell {
    struct session *session;
    struct span content; /* owned */
    uint64_t request;
    struct expected expected;
    bool has_reply;
    bool is_idle;
};

/* Sends the language's `lines` or `big` cell; the language must have one. */
bool cell_start(struct cell *cell, struct session *session, enum output_kind kind, uint64_t count)
    __attribute__((warn_unused_result));
void cell_fini(struct cell *cell);

/*
 * Takes one message from IOPub or shell, whatever it belongs to, and returns its content's size;
 * 0 when there is none.
 */
size_t cell_take(struct cell *cell, enum channel channel);

bool cell_is_done(const struct cell *cell);

/* Reports the fault when output is missing or in the wrong order. */
bool cell_check(struct cell *cell);

#endif
