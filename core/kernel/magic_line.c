#include "kernel/magic_line.h"
#include "base/utf8.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool magic_line_is_blank(struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_blank(text.data[i]) && text.data[i] != '\n')
            return false;
    return true;
}

static struct str trim(struct str text)
{
    while (text.size && is_blank(text.data[0]))
        text = str_slice(text, 1, text.size);
    while (text.size && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

static size_t line_end(struct str code, size_t at)
{
    const char *newline = at < code.size ? memchr(code.data + at, '\n', code.size - at) : NULL;
    return newline ? (size_t)(newline - code.data) : code.size;
}

bool magic_line_next(struct str code, size_t *at, struct magic_line *line)
{
    size_t start = *at, end;
    for (; start < code.size; start = end + 1) {
        end = line_end(code, start);
        if (!magic_line_is_blank(str_slice(code, start, end)))
            break;
    }
    if (start >= code.size || code.data[start] != '%')
        return false;
    size_t name_end = start + 1;
    if (name_end < end && code.data[name_end] == '%') /* %%time: about the whole cell */
        name_end++;
    size_t letters = name_end;
    while (name_end < end && code.data[name_end] >= 'a' && code.data[name_end] <= 'z')
        name_end++;
    if (name_end == letters || (name_end < end && !is_blank(code.data[name_end])))
        return false;
    *line = (struct magic_line){
        .name = str_slice(code, start + 1, name_end),
        .arguments = trim(str_slice(code, name_end, end)),
        .start = start,
        .end = end,
    };
    *at = end < code.size ? end + 1 : end;
    return true;
}

void magic_line_append_spaces(struct str text, struct buffer *out)
{
    for (size_t count = utf8_count(text); count > 0; count--)
        buffer_append_byte(out, ' ');
}
