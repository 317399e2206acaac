#include "diagnostics/plain.h"
#include "base/utf8.h"

#define TAB "    "

uint32_t plain_code_point(uint32_t c)
{
    bool is_c1 = c >= 0x7F && c <= 0x9F;
    bool is_line_end = c == 0x2028 || c == 0x2029;
    bool is_bidi = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    if (c < 0x20)
        return 0x2400 + c;
    if (c == 0x7F)
        return 0x2421;
    return is_c1 || is_line_end || is_bidi ? 0xFFFD : c;
}

size_t plain_color_size(struct str text)
{
    size_t i = 2;
    if (!str_has_prefix(text, STR("\033[")))
        return 0;
    while (i < text.size && i < 24 &&
           ((text.data[i] >= '0' && text.data[i] <= '9') || text.data[i] == ';'))
        i++;
    return i < text.size && text.data[i] == 'm' ? i + 1 : 0;
}

void plain_append(struct buffer *out, struct str text, bool colors)
{
    bool colored = false;
    while (text.size) {
        size_t color = plain_color_size(text);
        if (color) {
            if (colors)
                buffer_append(out, str_slice(text, 0, color));
            colored = colors;
            text = str_slice(text, color, text.size);
            continue;
        }
        uint32_t c = utf8_next(&text);
        if (c == '\t')
            buffer_append(out, STR(TAB));
        else
            utf8_append_code_point(out, plain_code_point(c));
    }
    if (colored)
        buffer_append(out, STR("\033[0m"));
}

struct str plain_next_line(struct str *text)
{
    const char *end = text->size ? memchr(text->data, '\n', text->size) : NULL;
    size_t size = end ? (size_t)(end - text->data) : text->size;
    struct str line = str_slice(*text, 0, size);
    *text = str_slice(*text, size + (end != NULL), text->size);
    if (line.size && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}
