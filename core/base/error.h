/* An error as a value: a sentence for a person that says what was wrong, where, and what was
 * expected. The innermost cause stands last; outer layers prefix what they were doing. */
#ifndef HILUM_BASE_ERROR_H
#define HILUM_BASE_ERROR_H

#include <stdbool.h>

struct error {
    char sentence[1024]; /* NUL-terminated; cut when longer */
};

/* Always false, so that a failing function can `return error_set(...)`. `error` may be NULL. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As error_set, followed by ": " and the text of errno as it was at the call. */
bool error_set_errno(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts text and ": " in front of what is there. Always false. */
bool error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
