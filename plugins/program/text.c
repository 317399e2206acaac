#include "text.h"

static bool starts_code_point(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t text_count(struct hilum_str text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes && i < text.size; i++)
        count += starts_code_point(text.data[i]);
    return count;
}

size_t text_offset(struct hilum_str text, size_t count)
{
    for (size_t i = 0; i < text.size; i++)
        if (starts_code_point(text.data[i]) && count-- == 0)
            return i;
    return text.size;
}
