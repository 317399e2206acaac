#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void buffer_fini(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.max = buffer->max};
}

void buffer_clear(struct buffer *buffer, size_t keep)
{
    if (buffer->capacity > keep)
        buffer_fini(buffer);
    buffer->size = 0;
    buffer->failed = false;
}

static bool grow(struct buffer *buffer, size_t needed)
{
    size_t max = buffer->max ? buffer->max : BUFFER_MAX_DEFAULT;
    if (needed > max)
        return false;
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < needed)
        capacity *= 2;
    if (capacity > max)
        capacity = max;
    char *data = realloc(buffer->data, capacity);
    if (!data)
        return false;
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

char *buffer_reserve(struct buffer *buffer, size_t size)
{
    if (buffer->failed)
        return NULL;
    if (size > buffer->capacity - buffer->size) {
        if (size > SIZE_MAX / 4 || !grow(buffer, buffer->size + size)) {
            buffer->failed = true;
            return NULL;
        }
    }
    return buffer->data + buffer->size;
}

void buffer_commit(struct buffer *buffer, size_t size)
{
    buffer->size += size;
}

void buffer_append(struct buffer *buffer, struct str text)
{
    if (text.size == 0)
        return;
    char *to = buffer_reserve(buffer, text.size);
    if (to) {
        memcpy(to, text.data, text.size);
        buffer->size += text.size;
    }
}

void buffer_append_byte(struct buffer *buffer, char byte)
{
    char *to = buffer_reserve(buffer, 1);
    if (to) {
        *to = byte;
        buffer->size++;
    }
}

void buffer_append_cstr(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, str_of(text));
}

char *buffer_digits(char *end, long long value)
{
    unsigned long long rest =
        value < 0 ? 0ull - (unsigned long long)value : (unsigned long long)value;
    do {
        *--end = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *--end = '-';
    return end;
}

void buffer_append_integer(struct buffer *buffer, long long value)
{
    char digits[BUFFER_DIGITS], *end = digits + sizeof digits;
    const char *start = buffer_digits(end, value);
    buffer_append(buffer, (struct str){start, (size_t)(end - start)});
}

void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    char *text;
    va_start(args, format);
    int size = vasprintf(&text, format, args);
    va_end(args);
    if (size < 0) {
        buffer->failed = true;
        return;
    }
    buffer_append(buffer, (struct str){text, (size_t)size});
    free(text);
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    if (size >= buffer->size) {
        buffer->size = 0;
        return;
    }
    memmove(buffer->data, buffer->data + size, buffer->size - size);
    buffer->size -= size;
}
