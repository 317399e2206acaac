#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_free(struct text *text)
{
    free(text->data);
    text->data = NULL;
    text->size = text->room = 0;
    text->truncated = false;
}

static bool reserve(struct text *text, size_t more)
{
    if (more <= text->room - text->size)
        return true;
    size_t room = text->room ? text->room : 256;
    while (room - text->size < more) {
        if (room > SIZE_MAX / 2)
            return false;
        room *= 2;
    }
    char *data = realloc(text->data, room);
    if (!data)
        return false;
    text->data = data;
    text->room = room;
    return true;
}

/* A cut must not leave half a code point at the end. */
static size_t whole_code_points(const char *data, size_t size)
{
    while (size > 0 && ((unsigned char)data[size] & 0xC0) == 0x80)
        size--;
    return size;
}

void text_add(struct text *text, const char *data, size_t size)
{
    if (size == 0 || text->truncated)
        return;
    if (text->limit && size > text->limit - text->size) {
        size = whole_code_points(data, text->limit - text->size);
        text->truncated = true;
    }
    if (!reserve(text, size)) {
        text->truncated = true;
        return;
    }
    if (size > 0)
        memcpy(text->data + text->size, data, size);
    text->size += size;
}

void text_puts(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (size > 0)
        text_add(text, line, (size_t)size < sizeof(line) ? (size_t)size : sizeof(line) - 1);
}

void text_pad(struct text *text, size_t count)
{
    while (count-- > 0)
        text_add(text, " ", 1);
}

void text_cut(struct text *text, size_t size)
{
    if (size < text->size)
        text->size = size;
}

struct hilum_str text_str(const struct text *text)
{
    return (struct hilum_str){text->data, text->size};
}

struct hilum_str str_of(const char *string)
{
    return (struct hilum_str){string, strlen(string)};
}

bool str_equal(struct hilum_str a, struct hilum_str b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

struct hilum_str str_next_line(struct hilum_str *text)
{
    const char *end = text->size ? memchr(text->data, '\n', text->size) : NULL;
    struct hilum_str line = {text->data, end ? (size_t)(end - text->data) : text->size};
    size_t used = end ? line.size + 1 : line.size;
    if (text->data)
        text->data += used;
    text->size -= used;
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

size_t str_sequence_size(struct hilum_str text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    unsigned char lead = bytes[0];
    size_t need = lead < 0x80                   ? 1
                  : lead >= 0xF0 && lead < 0xF5 ? 4
                  : lead >= 0xE0 && lead < 0xF0 ? 3
                  : lead >= 0xC2 && lead < 0xE0 ? 2
                                                : 0;
    if (need == 0 || need > text.size)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, and what is past U+10FFFF. */
    if ((lead == 0xE0 && bytes[1] < 0xA0) || (lead == 0xED && bytes[1] >= 0xA0) ||
        (lead == 0xF0 && bytes[1] < 0x90) || (lead == 0xF4 && bytes[1] >= 0x90))
        return 0;
    return need;
}

size_t str_code_points(struct hilum_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return count;
}
