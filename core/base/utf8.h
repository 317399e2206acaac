/* UTF-8: validity, repair, and the way between bytes and code points. */
#ifndef HILUM_BASE_UTF8_H
#define HILUM_BASE_UTF8_H

#include "base/buffer.h"
#include "base/str.h"

#include <stdint.h>

/* Bytes of the longest prefix that is valid UTF-8 (RFC 3629: no surrogates, no overlong forms). */
size_t utf8_valid_prefix(struct str text);

static inline bool utf8_is_valid(struct str text)
{
    return utf8_valid_prefix(text) == text.size;
}

/*
 * How many bytes at the end of text (0 to 3) may be the start of a code point whose rest is still
 * to come. A reader of chunks keeps these back.
 */
size_t utf8_incomplete_tail(struct str text);

/* Appends text; each maximal invalid sequence becomes one U+FFFD, as Unicode recommends. */
void utf8_append_repaired(struct buffer *out, struct str text);

/* Appends one code point; surrogates and numbers past U+10FFFF become U+FFFD. */
void utf8_append_code_point(struct buffer *out, uint32_t code_point);

/* The first code point of a text that is not empty; *text moves on behind it. An invalid sequence
 * counts as one U+FFFD, as in utf8_append_repaired. */
uint32_t utf8_next(struct str *text);

/* Code points in valid text. */
size_t utf8_count(struct str text);

/* Byte offset of the given code point in valid text; text.size when it has fewer. */
size_t utf8_offset(struct str text, size_t code_point);

#endif
