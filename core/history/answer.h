/*
 * What a search in the history has found. It is fed rows, the latest first, until it has enough;
 * the answer has them in the order they were entered.
 */
#ifndef HILUM_HISTORY_ANSWER_H
#define HILUM_HISTORY_ANSWER_H

#include "base/buffer.h"
#include "history/store.h"

/* An answer that gets larger, or takes longer to find, is cut: what is latest is in it. */
#define HISTORY_ANSWER_ROWS_MAX  100000
#define HISTORY_ANSWER_BYTES_MAX ((size_t)32 << 20)
#define HISTORY_ANSWER_MS        200

struct history_answer {
    /* Set by the asker: */
    int64_t max;        /* rows */
    struct str pattern; /* data is NULL: all */
    bool unique;        /* of equal inputs the latest only */
    /* The rest zeroed at first: */
    bool cut;
    int64_t deadline;
    struct buffer rows; /* struct answer_row */
    struct buffer text; /* their sources and outputs */
    size_t *seen;       /* a hash table of row numbers + 1; 0: free */
    size_t seen_size;   /* a power of two */
};

void history_answer_fini(struct history_answer *answer);

/* A history_visitor: `context` is the answer. */
bool history_answer_take(void *context, const struct history_row *row);

/* Is there room for another row? */
bool history_answer_wants_more(const struct history_answer *answer);

/* Appends a JSON array of [session, line, source], or with `output` [session, line, [source,
 * output or null]]. */
void history_answer_write(const struct history_answer *answer, bool output, struct buffer *out);

#endif
