#include "base/json_write.h"
#include "base/json_chars.h"
#include "base/utf8.h"

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What follows the backslash, 'u' for \u00XX, 0 for bytes that stand for themselves. */
static const char escapes[128] = {
    ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
    ['\t'] = 't', [0x00] = 'u',  [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u',
    [0x05] = 'u', [0x06] = 'u',  [0x07] = 'u', [0x0B] = 'u', [0x0E] = 'u', [0x0F] = 'u',
    [0x10] = 'u', [0x11] = 'u',  [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u',
    [0x16] = 'u', [0x17] = 'u',  [0x18] = 'u', [0x19] = 'u', [0x1A] = 'u', [0x1B] = 'u',
    [0x1C] = 'u', [0x1D] = 'u',  [0x1E] = 'u', [0x1F] = 'u',
};

/* How much text is written before the room is looked at again, and the room for that: a byte becomes
 * six at most (\\u00XX), and whole blocks may be written. */
#define SLICE ((size_t)1 << 10)
#define BLOCK 16
#define ROOM  (6 * SLICE + 2 * BLOCK)

/* Copies a block whatever is in it and returns how many bytes at its start are ASCII and stand for
 * themselves. */
static inline size_t copy_block(char *to, const char *from)
{
#ifdef __SSE2__
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)from);
    _mm_storeu_si128((__m128i *)(void *)to, block);
    /* Compared as signed numbers, bytes beyond ASCII are below the space as well. */
    __m128i special = _mm_or_si128(_mm_cmplt_epi8(block, _mm_set1_epi8(' ')),
                                   _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                                _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))));
    unsigned mask = (unsigned)_mm_movemask_epi8(special);
    return mask ? (size_t)__builtin_ctz(mask) : BLOCK;
#else
    size_t i = 0;
    uint64_t words[2];
    memcpy(words, from, BLOCK);
    memcpy(to, words, BLOCK);
    if (json_is_plain_word(words[0]))
        i = json_is_plain_word(words[1]) ? BLOCK : BLOCK / 2;
    while (i < BLOCK && !(from[i] & 0x80) && !escapes[(unsigned char)from[i]])
        i++;
    return i;
#endif
}

static inline bool continues(const unsigned char *at, const unsigned char *end, size_t count)
{
    for (size_t i = 1; i <= count; i++)
        if (at + i >= end || (at[i] & 0xC0) != 0x80)
            return false;
    return true;
}

/* The size of the code point of two or three bytes at `at`; 0 when it is none, or needs a closer look. */
static inline size_t common_code_point(const unsigned char *at, const unsigned char *end)
{
    if (at[0] >= 0xC2 && at[0] <= 0xDF && continues(at, end, 1))
        return 2;
    if (at[0] > 0xE0 && at[0] <= 0xEF && at[0] != 0xED && continues(at, end, 2))
        return 3;
    return 0;
}

static inline char *write_special(char *to, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    *to++ = '\\';
    *to++ = escapes[c];
    if (escapes[c] == 'u') {
        memcpy(to, "00", 2);
        to[2] = hex[c >> 4];
        to[3] = hex[c & 15];
        to += 4;
    }
    return to;
}

/* Those from *from on that are not ASCII, up to `stop`; what is beyond may be looked at up to `end`. */
static inline char *write_code_points(char *to, const char **from, const char *stop,
                                      const char *end)
{
    const unsigned char *at = (const unsigned char *)*from, *last = (const unsigned char *)end;
    size_t size;
    while (at < (const unsigned char *)stop && (size = common_code_point(at, last)) != 0) {
        memcpy(to, at, 2);
        to[2] = size == 3 ? (char)at[2] : 0;
        to += size;
        at += size;
    }
    *from = (const char *)at;
    return to;
}

/*
 * Writes from *from on, at most SLICE bytes and not beyond `end`, and returns where the output ends.
 * Stops before something that is rare: four bytes' code points and what is no UTF-8.
 */
static char *write_common(char *to, const char **from, const char *end)
{
    const char *at = *from, *stop = end - at > (ptrdiff_t)SLICE ? at + SLICE : end;
    while (at < stop) {
        if (end - at >= BLOCK) {
            size_t plain = copy_block(to, at);
            at += plain;
            to += plain;
            if (plain == BLOCK)
                continue;
        }
        unsigned char c = (unsigned char)*at;
        if (c & 0x80) {
            const char *first = at;
            to = write_code_points(to, &at, stop, end);
            if (at == first)
                break;
        } else {
            if (escapes[c])
                to = write_special(to, c);
            else
                *to++ = (char)c;
            at++;
        }
    }
    *from = at;
    return to;
}

static size_t beyond_ascii_prefix(struct str text)
{
    size_t i = 0;
    while (i < text.size && text.data[i] & 0x80)
        i++;
    return i;
}

void json_write_string(struct buffer *out, struct str text)
{
    const char *from = text.data, *end = str_end(text);
    buffer_append_byte(out, '"');
    while (from < end) {
        const char *before = from;
        size_t left = (size_t)(end - from);
        char *to = buffer_reserve(out, left < SLICE ? 6 * left + 2 * BLOCK : ROOM);
        if (!to)
            return;
        buffer_commit(out, (size_t)(write_common(to, &from, end) - to));
        if (from == before) {
            struct str rest = {from, (size_t)(end - from)};
            size_t size = beyond_ascii_prefix(rest);
            utf8_append_repaired(out, str_slice(rest, 0, size));
            from += size;
        }
    }
    buffer_append_byte(out, '"');
}

void json_write_key(struct buffer *out, const char *key)
{
    buffer_append_byte(out, '"');
    buffer_append_cstr(out, key);
    buffer_append(out, STR("\":"));
}

void json_write_base64(struct buffer *out, struct str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = (bytes.size + 2) / 3 * 4;
    char *to = buffer_reserve(out, size + 2);
    if (!to)
        return;
    *to++ = '"';
    const unsigned char *from = (const unsigned char *)bytes.data;
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t triple = (uint32_t)from[i] << 16 | (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) |
                          (left > 2 ? from[i + 2] : 0);
        *to++ = digits[triple >> 18];
        *to++ = digits[triple >> 12 & 63];
        *to++ = left > 1 ? digits[triple >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[triple & 63] : '=';
    }
    *to = '"';
    buffer_commit(out, size + 2);
}
