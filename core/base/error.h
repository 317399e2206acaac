/* An error as a value: a sentence for a person that says what was wrong, where, and what was
 * expected. The innermost cause stands last; outer layers prefix what they were doing. */
#ifndef HILUM_BASE_ERROR_H
#define HILUM_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* A place in a file; columns and length in code points. */
struct error_place {
    char file[256]; /* empty when the path is longer */
    size_t line;    /* 0: no place is known */
    size_t column;
    size_t length;
};

struct error {
    char sentence[1024]; /* NUL-terminated; cut when longer */
    const char *code;    /* static, "config.syntax": docs/diagnostics.md; NULL: none */
    struct error_place place;
};

/* Always false, so that a failing function can `return error_set(...)`. `error` may be NULL. The
 * error has no code and no place then. */
bool error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As error_set, followed by ": " and the text of errno as it was at the call. */
bool error_set_errno(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts text and ": " in front of what is there. Always false. */
bool error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a code, and a place, to an error that is set. Always false. */
bool error_code(struct error *error, const char *code);
bool error_at(struct error *error, const char *file, size_t line, size_t column, size_t length);

#endif
