#include "base/json_write.h"
#include "base/json_chars.h"
#include "base/utf8.h"

#include <stdint.h>

/* What follows the backslash, 'u' for \u00XX, 0 for bytes that stand for themselves. */
static const char escapes[128] = {
    ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
    ['\t'] = 't', [0x00] = 'u',  [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u',
    [0x05] = 'u', [0x06] = 'u',  [0x07] = 'u', [0x0B] = 'u', [0x0E] = 'u', [0x0F] = 'u',
    [0x10] = 'u', [0x11] = 'u',  [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u',
    [0x16] = 'u', [0x17] = 'u',  [0x18] = 'u', [0x19] = 'u', [0x1A] = 'u', [0x1B] = 'u',
    [0x1C] = 'u', [0x1D] = 'u',  [0x1E] = 'u', [0x1F] = 'u',
};

/* Bytes at the start that are ASCII and stand for themselves. */
static size_t plain_prefix(struct str text)
{
    size_t i = 0;
    uint64_t word;
    while (i + 8 <= text.size && (memcpy(&word, text.data + i, 8), json_is_plain_word(word)))
        i += 8;
    while (i < text.size && !(text.data[i] & 0x80) && !escapes[(unsigned char)text.data[i]])
        i++;
    return i;
}

static size_t beyond_ascii_prefix(struct str text)
{
    size_t i = 0;
    while (i < text.size && text.data[i] & 0x80)
        i++;
    return i;
}

static void write_escape(struct buffer *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char bytes[6] = {'\\', escapes[c], '0', '0', hex[c >> 4], hex[c & 15]};
    buffer_append(out, (struct str){bytes, escapes[c] == 'u' ? 6 : 2});
}

void json_write_string(struct buffer *out, struct str text)
{
    buffer_append_byte(out, '"');
    while (text.size) {
        size_t size = plain_prefix(text);
        buffer_append(out, str_slice(text, 0, size));
        text = str_slice(text, size, text.size);
        if (!text.size)
            break;
        size = beyond_ascii_prefix(text);
        if (size) {
            utf8_append_repaired(out, str_slice(text, 0, size));
        } else {
            write_escape(out, (unsigned char)text.data[0]);
            size = 1;
        }
        text = str_slice(text, size, text.size);
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
