/*
 * Log lines for operators, on stderr. Never part of the kernel's output to clients, and never with
 * secrets: no keys, no code.
 */
#ifndef HILUM_TELEMETRY_LOG_H
#define HILUM_TELEMETRY_LOG_H

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

/* Lines are marked with the request (its msg_id) until this is called with an empty text. */
void log_set_request(struct str msg_id);

/* One line; control characters in it are escaped. Does not block on a reader that is stuck. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
