/*
 * Log lines for operators, on stderr or in a file, as text or as JSON. Never part of the kernel's
 * output to clients, and never with secrets: no keys, and no code unless `log.code` asks for it.
 *
 * Each line is marked with the evaluator, the kernel's session and the request that it is about (the
 * msg_id of its header, which is the same in every message that belongs to it).
 */
#ifndef HILUM_TELEMETRY_LOG_H
#define HILUM_TELEMETRY_LOG_H

#include "base/error.h"
#include "base/str.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
};

/* Lines less urgent than `level` are left out from now on. At start: LOG_LEVEL_WARNING. */
void log_set_level(enum log_level level);
bool log_level_parse(struct str name, enum log_level *level);

/* Is a line of this level written? For those that cost something to put together. */
bool log_wants(enum log_level level);

/* One JSON object on each line instead of text. */
void log_set_json(bool json);

/* Appends to this file (mode 0600 when it is new) instead of writing to stderr. False: it cannot be
 * opened, and lines go where they went. */
bool log_open(const char *file, struct error *error) __attribute__((warn_unused_result));
void log_close(void);

/* What all lines are marked with from now on: the evaluator, and the session of the kernel's messages.
 * Cut when they are long. */
void log_set_evaluator(struct str name);
void log_set_session(struct str session);

/* Lines are marked with the request (its msg_id) until this is called with an empty text. */
void log_set_request(struct str msg_id);

/* One line; control characters in it are escaped. A pipe or terminal that takes nothing now is not
 * waited for: the line is lost, and the next one says how many were. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with a word of a fixed vocabulary that says why, for machines. */
void log_reason(enum log_level level, const char *reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A line from a worker or its program; `msg_id`: of the request that it belongs to, or empty. */
void log_worker_line(enum log_level level, struct str msg_id, struct str text);

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
