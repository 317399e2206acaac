/*
 * Which request had this number on the link? Log lines of the worker may come when it is over, and
 * still belong to it.
 */
#ifndef HILUM_KERNEL_TRAIL_H
#define HILUM_KERNEL_TRAIL_H

#include "base/str.h"

#include <stdint.h>

/* How many of the last requests are remembered. */
#define TRAIL_LENGTH 32
/* Bytes of a msg_id that are kept. */
#define TRAIL_ID_MAX 72

struct trail {
    struct {
        int64_t number;
        size_t size;
        char msg_id[TRAIL_ID_MAX];
    } last[TRAIL_LENGTH];
};

/* The request goes to the worker with this number, which is positive. */
void trail_add(struct trail *trail, int64_t number, struct str msg_id);

/* Its msg_id, borrowed until the next trail_add; empty: it is not known any more. */
struct str trail_find(const struct trail *trail, int64_t number);

#endif
