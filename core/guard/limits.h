/*
 * What may be limited, in one table: names, settings, errors, sentences. A limit has a soft and a
 * hard value; use above the soft one interrupts the cell, above the hard one kills its worker.
 */
#ifndef HILUM_GUARD_LIMITS_H
#define HILUM_GUARD_LIMITS_H

#include "base/buffer.h"

#include <stdint.h>

enum limit_kind {
    LIMIT_WALL,       /* milliseconds, of a cell */
    LIMIT_CPU,        /* milliseconds, of a cell, by all processes of the session */
    LIMIT_MEMORY,     /* bytes, that the processes of the session hold */
    LIMIT_PROCESSES,  /* of the session, its own included */
    LIMIT_OPEN_FILES, /* of the process that has most of them */
    LIMIT_OUTPUT,     /* bytes, of a cell; soft only: what is beyond it is left out */
    LIMIT_KINDS,
};

enum limit_unit { LIMIT_UNIT_TIME, LIMIT_UNIT_BYTES, LIMIT_UNIT_COUNT };

struct limit_description {
    enum limit_kind kind;
    enum limit_unit unit;
    bool of_session;          /* use lasts from cell to cell; else it starts at 0 with each */
    const char *label;        /* for `%status`: "wall time" */
    const char *word;         /* in a `%limit` line: "wall" */
    const char *setting;      /* of the soft value */
    const char *hard_setting; /* NULL: there is none */
    int64_t scale;            /* one of the setting's units in ours */
    const char *code;         /* of the error: "guard.wall" */
    const char *error;        /* ename: "TimeLimitExceeded" */
    const char *subject;      /* "this cell" or "the session" */
    const char *verb;         /* "ran for" ... */
    const char *object;       /* ... the amount, then this: " of memory" */
};

/* One row for each kind, in their order. */
extern const struct limit_description limits_table[LIMIT_KINDS];

struct limit {
    int64_t soft, hard; /* 0: none */
    bool by_cell;       /* the soft one was set by the cell's `%limit` line */
};

struct limits {
    struct limit of[LIMIT_KINDS];
};

/* How much is used, in the kinds' units. */
struct limit_use {
    int64_t of[LIMIT_KINDS];
};

/* Is there a limit of this kind? */
static inline bool limit_is_set(const struct limits *limits, enum limit_kind kind)
{
    return limits->of[kind].soft || limits->of[kind].hard;
}

/* The smaller of the two; 0: none. */
int64_t limit_lowest(const struct limit *limit);

/* A limit that is exceeded. */
struct breach {
    enum limit_kind kind;
    bool hard;
    bool by_cell;
    int64_t limit, use;
};

/*
 * Is any limit exceeded? Hard ones come first. `forgiven` is what the session used when the cell
 * began: a soft limit of the session that was exceeded before is exceeded again only above that, so
 * that cells which clean up can run. With `hard_only`, soft limits do not count.
 */
bool limits_exceeded(const struct limits *limits, const struct limit_use *use,
                     const struct limit_use *forgiven, bool hard_only, struct breach *breach)
    __attribute__((warn_unused_result));

/* Appends an amount for people: "1.5 s", "200 MB", "40". */
void limit_write_amount(enum limit_kind kind, int64_t amount, struct buffer *out);

/* Appends what the limit is called where it can be changed: "limits.cell_wall_seconds". */
void breach_write_setting(const struct breach *breach, struct buffer *out);

/* Appends "held 212.4 MB of memory, more than the limit of 200 MB (limits.session_memory_mb)". */
void breach_write(const struct breach *breach, struct buffer *out);

#endif
