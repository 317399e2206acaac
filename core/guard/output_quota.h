/*
 * How much output of one cell is shown. Once something is left out, all that comes later is, too: what
 * is shown is the beginning, without holes.
 */
#ifndef HILUM_GUARD_OUTPUT_QUOTA_H
#define HILUM_GUARD_OUTPUT_QUOTA_H

#include "base/str.h"

#include <stdint.h>

struct output_quota {
    uint64_t max;        /* bytes; 0: no limit */
    const char *setting; /* where that is changed; static text */
    uint64_t shown;
    uint64_t left_out;
    uint64_t told; /* of what was left out, what the reader knows of */
};

/* How much of the text may be shown: its beginning, up to a whole code point. */
struct str output_quota_take_text(struct output_quota *quota, struct str text);

/* May a message of this size be shown? It is never cut. */
bool output_quota_take_whole(struct output_quota *quota, uint64_t size);

#endif
