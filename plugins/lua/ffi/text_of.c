#include "text_of.h"

#include "access.h"
#include "convert.h"
#include "typename.h"

#include <inttypes.h>
#include <stdio.h>

/* Pushes the text, which must not be lost when Lua has no memory for it. */
static int push_text(lua_State *L, struct text *text)
{
    luaL_Buffer buffer;
    char *room = luaL_buffinitsize(L, &buffer, 4200);
    size_t size = text->size < 4200 ? text->size : 4200;
    for (size_t i = 0; i < size; i++)
        room[i] = text->data[i];
    text_free(text);
    luaL_pushresultsize(&buffer, size);
    return 1;
}

static void add_type(struct text *out, const char *kind, const struct cdata *cdata,
                     const struct ctype *type)
{
    text_puts(out, kind);
    if (type->kind == CTYPE_FUNCTION || type->kind == CTYPE_ARRAY || !cdata || !cdata->is_reference)
        typename_declare(out, type, NULL);
    else
        typename_declare(out, type, "&");
    text_puts(out, ">");
}

int text_of_cdata(lua_State *L)
{
    const struct cdata *cdata = cdata_at(L, 1);
    if (!cdata)
        return luaL_typeerror(L, 1, "C data");
    const struct ctype *type = cdata->type;
    struct text text = {.limit = 4096};
    if (access_push_meta(L, type, "__tostring")) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 1);
        return 1;
    }
    if (type->kind == CTYPE_INT && ctype_size(type) == 8) {
        int64_t value = convert_read_integer(type, cdata->address);
        char digits[32];
        snprintf(digits, sizeof(digits),
                 type->plain->is_unsigned ? "%" PRIu64 "ULL" : "%" PRId64 "LL", value);
        lua_pushstring(L, digits);
        return 1;
    }
    add_type(&text, "cdata<", cdata, type);
    const void *pointer = cdata_pointer(cdata);
    if (type->kind == CTYPE_ENUM)
        text_printf(&text, ": %" PRId64, convert_read_integer(type, cdata->address));
    else if (pointer)
        text_printf(&text, ": %p", pointer);
    else
        text_puts(&text, ": NULL");
    return push_text(L, &text);
}

int text_of_ctype(lua_State *L)
{
    const struct ctype *type = ctype_at(L, 1);
    struct text text = {.limit = 4096};
    if (!type)
        return luaL_typeerror(L, 1, "C type");
    add_type(&text, "ctype<", NULL, type);
    return push_text(L, &text);
}
