/*
 * A growing byte buffer with a hard maximum: the one place that allocates for text.
 *
 * Appending never fails visibly: when memory or the maximum runs out the buffer becomes `failed`,
 * ignores what follows and keeps what it has. A writer appends freely and asks once, at the end.
 */
#ifndef HILUM_BASE_BUFFER_H
#define HILUM_BASE_BUFFER_H

#include "base/str.h"

#include <stdarg.h>

/* Maximum of a buffer that was not given another one. */
#define BUFFER_MAX_DEFAULT ((size_t)256 << 20)

struct buffer {
    char *data;
    size_t size;
    size_t capacity;
    size_t max; /* 0: BUFFER_MAX_DEFAULT */
    bool failed;
};

/* A zeroed struct buffer is an empty one. */
void buffer_fini(struct buffer *buffer);

/* Empties the buffer and forgets a failure; keeps its memory, unless it is larger than `keep`. */
void buffer_clear(struct buffer *buffer, size_t keep);

void buffer_append(struct buffer *buffer, struct str text);
void buffer_append_byte(struct buffer *buffer, char byte);
void buffer_append_cstr(struct buffer *buffer, const char *text);
void buffer_append_integer(struct buffer *buffer, long long value);

/* Writes the number in decimal so that it ends right before `end`, in at most BUFFER_DIGITS bytes;
 * returns where it begins. */
#define BUFFER_DIGITS 20
char *buffer_digits(char *end, long long value);

void buffer_append_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Makes room for `size` more bytes and returns where they go, or NULL when the buffer is or
 * becomes failed. The caller writes there and calls buffer_commit with the count it wrote.
 */
char *buffer_reserve(struct buffer *buffer, size_t size) __attribute__((warn_unused_result));
void buffer_commit(struct buffer *buffer, size_t size);

/* Removes the first `size` bytes. */
void buffer_consume(struct buffer *buffer, size_t size);

static inline struct str buffer_str(const struct buffer *buffer)
{
    return (struct str){buffer->data, buffer->size};
}

#endif
