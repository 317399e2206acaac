#include "base/json_write.h"
#include "base/utf8.h"

#include <stdint.h>

/* What follows the backslash, 'u' for \u00XX, 0 for bytes that stand for themselves. */
static const char escapes[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
    ['\t'] = 't', [0x00] = 'u',  [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u',
    [0x05] = 'u', [0x06] = 'u',  [0x07] = 'u', [0x0B] = 'u', [0x0E] = 'u', [0x0F] = 'u',
    [0x10] = 'u', [0x11] = 'u',  [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u',
    [0x16] = 'u', [0x17] = 'u',  [0x18] = 'u', [0x19] = 'u', [0x1A] = 'u', [0x1B] = 'u',
    [0x1C] = 'u', [0x1D] = 'u',  [0x1E] = 'u', [0x1F] = 'u', [0x7F] = 'u',
};

void json_write_escaped(struct buffer *out, struct str text)
{
    static const char hex[] = "0123456789abcdef";
    size_t i = 0;
    while (i < text.size) {
        size_t start = i;
        while (i < text.size && !escapes[(unsigned char)text.data[i]])
            i++;
        buffer_append(out, str_slice(text, start, i));
        if (i == text.size)
            break;
        unsigned char c = (unsigned char)text.data[i++];
        char escape = escapes[c];
        char bytes[6] = {'\\', escape, '0', '0', hex[c >> 4], hex[c & 15]};
        buffer_append(out, (struct str){bytes, escape == 'u' ? 6 : 2});
    }
}

void json_write_string(struct buffer *out, struct str text)
{
    buffer_append_byte(out, '"');
    if (utf8_is_valid(text)) {
        json_write_escaped(out, text);
    } else {
        struct buffer repaired = {0};
        utf8_append_repaired(&repaired, text);
        out->failed |= repaired.failed;
        json_write_escaped(out, buffer_str(&repaired));
        buffer_fini(&repaired);
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
