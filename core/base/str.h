/* Borrowed text: a pointer and a size, never NUL-terminated, never owned. */
#ifndef HILUM_BASE_STR_H
#define HILUM_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *data; /* may be NULL when size is 0 */
    size_t size;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

/* For printf's "%.*s". */
#define STR_FORMAT(s) (int)(s).size, (s).size ? (s).data : ""

static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_equal(struct str a, struct str b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool str_has_prefix(struct str s, struct str prefix)
{
    return s.size >= prefix.size && (prefix.size == 0 || !memcmp(s.data, prefix.data, prefix.size));
}

/* Where s ends. NULL may not even be moved by 0 bytes. */
static inline const char *str_end(struct str s)
{
    return s.size ? s.data + s.size : s.data;
}

/* Bytes [from, to) of s; both are clipped to its size. */
static inline struct str str_slice(struct str s, size_t from, size_t to)
{
    to = to < s.size ? to : s.size;
    from = from < to ? from : to;
    return (struct str){s.size ? s.data + from : NULL, to - from};
}

#endif
