/*
 * The inputs of all sessions in one SQLite file, shared by all kernels of a user. Knows nothing of
 * messages. Each evaluator sees its own sessions only.
 *
 * All functions may touch the disk. A file that another process has locked is waited for
 * HISTORY_BUSY_MS at most. Nothing is written before the first history_store_add, so that a session
 * without inputs leaves no trace.
 */
#ifndef HILUM_HISTORY_STORE_H
#define HILUM_HISTORY_STORE_H

#include "base/error.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

#define HISTORY_BUSY_MS 30

/* Rows that history_store_add writes in about a millisecond. */
#define HISTORY_ROWS_MAX 256

enum store_result {
    STORE_DONE,
    STORE_BUSY,   /* locked by another process: try again later */
    STORE_FAILED, /* this file cannot be used; the error says why */
};

struct history_store;

/* Can this hilum keep a history at all? False: `error` says what is missing. */
bool history_store_is_there(struct error *error);

struct history_row {
    int64_t session; /* ignored by history_store_add */
    int64_t line;
    struct str source; /* UTF-8; may contain NUL */
    struct str output; /* data is NULL: none */
};

/*
 * Opens the file, or makes it (mode 0600, missing folders 0700). On STORE_DONE *store is to be
 * closed with history_store_close; else `error` is set. `started` is the session's begin (time_t).
 */
enum store_result history_store_open(struct history_store **store, const char *path,
                                     const char *evaluator, int64_t started, struct error *error)
    __attribute__((warn_unused_result));

/* Notes the end of the session, if that can be done at once. NULL is accepted. */
void history_store_close(struct history_store *store);

/* Adds rows of this session in one transaction: all or none. A line that is there is replaced. */
enum store_result history_store_add(struct history_store *store, const struct history_row *rows,
                                    size_t count, struct error *error)
    __attribute__((warn_unused_result));

/* This session's number: what it has, or, before its first row, what it would get now. */
enum store_result history_store_number(struct history_store *store, int64_t *session,
                                       struct error *error) __attribute__((warn_unused_result));

/* The number of the session that is `back` (from 1) sessions of this evaluator before `session`; 0:
 * there is none. */
enum store_result history_store_earlier(struct history_store *store, int64_t session, int64_t back,
                                        int64_t *earlier, struct error *error)
    __attribute__((warn_unused_result));

/* The number of the last line of a session of this evaluator; 0: it has none. */
enum store_result history_store_last_line(struct history_store *store, int64_t session,
                                          int64_t *line, struct error *error)
    __attribute__((warn_unused_result));

/* Takes a row, which is borrowed for the call; false: no more. */
typedef bool history_visitor(void *context, const struct history_row *row);

/* Visits the lines from `start` to `stop` - 1 of a session of this evaluator, the latest first. */
enum store_result history_store_read_session(struct history_store *store, int64_t session,
                                             int64_t start, int64_t stop, history_visitor *visitor,
                                             void *context, struct error *error)
    __attribute__((warn_unused_result));

/* Visits all lines of this evaluator, the latest first, except those of `session` from `line` on. */
enum store_result history_store_read_all(struct history_store *store, int64_t session, int64_t line,
                                         history_visitor *visitor, void *context,
                                         struct error *error) __attribute__((warn_unused_result));

#endif
