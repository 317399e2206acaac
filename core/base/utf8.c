#include "base/utf8.h"

#define REPLACEMENT STR("\xEF\xBF\xBD")

static inline bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/*
 * Looks at the sequence that starts at `at`. Returns its length when it is valid; otherwise 0, and
 * *bad is the length of the maximal invalid prefix (at least 1). `cut` tells whether the sequence
 * was fine as far as it went and ended with the text.
 */
static size_t sequence(const unsigned char *at, size_t left, size_t *bad, bool *cut)
{
    unsigned char first = at[0];
    unsigned char low = 0x80, high = 0xBF;
    size_t length;
    *bad = 1;
    *cut = false;
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        length = 2;
    else if (first >= 0xE0 && first <= 0xEF)
        length = 3;
    else if (first >= 0xF0 && first <= 0xF4)
        length = 4;
    else
        return 0;
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    for (size_t i = 1; i < length; i++) {
        if (i == left) {
            *cut = true;
            return 0;
        }
        if (at[i] < low || at[i] > high)
            return 0;
        low = 0x80;
        high = 0xBF;
        *bad = i + 1;
    }
    return length;
}

/* Bytes of ASCII at the start, eight at a time. */
static size_t ascii_prefix(const char *data, size_t size)
{
    size_t i = 0;
    while (i + 8 <= size) {
        uint64_t word;
        memcpy(&word, data + i, 8);
        if (word & 0x8080808080808080u)
            break;
        i += 8;
    }
    while (i < size && !(data[i] & 0x80))
        i++;
    return i;
}

static size_t valid_prefix(struct str text, size_t *bad, bool *cut)
{
    size_t i = 0;
    *bad = 0;
    *cut = false;
    while (i < text.size) {
        i += ascii_prefix(text.data + i, text.size - i);
        if (i == text.size)
            break;
        size_t length = sequence((const unsigned char *)text.data + i, text.size - i, bad, cut);
        if (length == 0)
            return i;
        i += length;
    }
    return i;
}

size_t utf8_valid_prefix(struct str text)
{
    size_t bad;
    bool cut;
    return valid_prefix(text, &bad, &cut);
}

size_t utf8_incomplete_tail(struct str text)
{
    for (size_t back = 1; back <= 3 && back <= text.size; back++) {
        unsigned char byte = (unsigned char)text.data[text.size - back];
        if (is_continuation(byte))
            continue;
        size_t bad;
        bool cut;
        sequence((const unsigned char *)text.data + text.size - back, back, &bad, &cut);
        return cut ? back : 0;
    }
    return 0;
}

void utf8_append_repaired(struct buffer *out, struct str text)
{
    while (text.size) {
        size_t bad;
        bool cut;
        size_t good = valid_prefix(text, &bad, &cut);
        buffer_append(out, str_slice(text, 0, good));
        text = str_slice(text, good, text.size);
        if (text.size) {
            buffer_append(out, REPLACEMENT);
            text = str_slice(text, bad, text.size);
        }
    }
}

void utf8_append_code_point(struct buffer *out, uint32_t c)
{
    char bytes[4];
    size_t size;
    if (c < 0x80) {
        bytes[0] = (char)c;
        size = 1;
    } else if (c < 0x800) {
        bytes[0] = (char)(0xC0 | c >> 6);
        bytes[1] = (char)(0x80 | (c & 0x3F));
        size = 2;
    } else if (c >= 0xD800 && c <= 0xDFFF) {
        buffer_append(out, REPLACEMENT);
        return;
    } else if (c < 0x10000) {
        bytes[0] = (char)(0xE0 | c >> 12);
        bytes[1] = (char)(0x80 | (c >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (c & 0x3F));
        size = 3;
    } else if (c <= 0x10FFFF) {
        bytes[0] = (char)(0xF0 | c >> 18);
        bytes[1] = (char)(0x80 | (c >> 12 & 0x3F));
        bytes[2] = (char)(0x80 | (c >> 6 & 0x3F));
        bytes[3] = (char)(0x80 | (c & 0x3F));
        size = 4;
    } else {
        buffer_append(out, REPLACEMENT);
        return;
    }
    buffer_append(out, (struct str){bytes, size});
}

uint32_t utf8_next(struct str *text)
{
    static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    const unsigned char *at = (const unsigned char *)text->data;
    size_t bad;
    bool cut;
    size_t length = sequence(at, text->size, &bad, &cut);
    uint32_t c = length ? at[0] & lead_bits[length] : 0xFFFD;
    for (size_t i = 1; i < length; i++)
        c = c << 6 | (at[i] & 0x3F);
    *text = str_slice(*text, length ? length : bad, text->size);
    return c;
}

size_t utf8_count(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += !is_continuation((unsigned char)text.data[i]);
    return count;
}

size_t utf8_offset(struct str text, size_t code_point)
{
    size_t i = 0;
    for (; i < text.size; i++) {
        if (is_continuation((unsigned char)text.data[i]))
            continue;
        if (code_point == 0)
            break;
        code_point--;
    }
    return i;
}
