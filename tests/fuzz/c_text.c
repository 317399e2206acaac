#include "c_text.h"

#include "../../plugins/lua/ffi/typename.h"

size_t c_text_size(const struct ctype *type, const char *name)
{
    struct text text = {.limit = 4096};
    typename_declare(&text, type, name);
    size_t size = text.size;
    text_free(&text);
    return size;
}
