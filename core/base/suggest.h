/* "Did you mean": the known word nearest to one that is not known. */
#ifndef HILUM_BASE_SUGGEST_H
#define HILUM_BASE_SUGGEST_H

#include "base/buffer.h"
#include "base/str.h"

/* Collects the words that are known. Start with {.unknown = ...}; free with suggestion_fini. */
struct suggestion {
    struct str unknown;
    struct str nearest; /* borrowed from the offers; empty while nothing is near enough */
    size_t distance;
    struct buffer list; /* "a", "b", "c" */
};

void suggestion_offer(struct suggestion *suggestion, struct str candidate);

/* Appends what helps: `; did you mean "b"?`, or `; expected one of "a", "b", "c"`, or nothing. */
void suggestion_write(const struct suggestion *suggestion, struct buffer *out);
void suggestion_fini(struct suggestion *suggestion);

#endif
