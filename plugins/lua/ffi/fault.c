#include "fault.h"

#include "cdata.h"
#include "typename.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 400, STRING_BYTES = 40 };

static void add_type(luaL_Buffer *buffer, const struct ctype *type, const char *alias)
{
    struct text text = {.limit = NAME_BYTES};
    text_puts(&text, "`");
    if (alias)
        text_puts(&text, alias);
    else
        typename_declare(&text, type, type->kind == CTYPE_FUNCTION ? type->name : NULL);
    /* An error for lack of memory must not lose the text. */
    char *room = luaL_prepbuffsize(buffer, NAME_BYTES + 2);
    size_t size = text.size;
    if (size)
        memcpy(room, text.data, size);
    room[size++] = '`';
    text_free(&text);
    luaL_addsize(buffer, size);
}

const char *fault_push_type(lua_State *L, const struct ctype *type, const char *alias)
{
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    add_type(&buffer, type, alias);
    luaL_pushresult(&buffer);
    return lua_tostring(L, -1);
}

static const char *push_string(lua_State *L, int index)
{
    size_t size;
    const char *string = lua_tolstring(L, index, &size);
    bool is_plain = true;
    size_t shown = size < STRING_BYTES ? size : STRING_BYTES;
    for (size_t i = 0; i < shown; i++)
        is_plain &= string[i] >= ' ' && string[i] != '"' && string[i] != '\\';
    if (!is_plain)
        return lua_pushfstring(L, "string of %d bytes", (int)size);
    lua_pushlstring(L, string, shown);
    const char *text = lua_tostring(L, -1);
    text = lua_pushfstring(L, "string \"%s\"%s", text, shown < size ? "..." : "");
    lua_remove(L, -2);
    return text;
}

const char *fault_push_value(lua_State *L, int index)
{
    const struct cdata *cdata = cdata_at(L, index);
    const struct ctype *type = ctype_at(L, index);
    index = lua_absindex(L, index);
    if (cdata)
        return fault_push_type(L, cdata->type, NULL);
    if (type) {
        lua_pushfstring(L, "the type %s", fault_push_type(L, type, NULL));
        lua_remove(L, -2);
        return lua_tostring(L, -1);
    }
    if (lua_type(L, index) == LUA_TSTRING)
        return push_string(L, index);
    if (lua_type(L, index) != LUA_TNUMBER && !lua_isboolean(L, index))
        return lua_pushstring(L, luaL_typename(L, index));
    const char *text = luaL_tolstring(L, index, NULL);
    text = lua_pushfstring(L, "%s %s", luaL_typename(L, index), text);
    lua_remove(L, -2);
    return text;
}

int fault(lua_State *L, const char *format, ...)
{
    va_list arguments;
    luaL_where(L, 1);
    luaL_Buffer buffer;
    va_start(arguments, format);
    luaL_buffinit(L, &buffer);
    for (const char *at = format; *at; at++) {
        if (at[0] == '%' && at[1] == 't') {
            add_type(&buffer, va_arg(arguments, const struct ctype *), NULL);
            at++;
        } else if (at[0] == '%' && at[1] == 's') {
            luaL_addstring(&buffer, va_arg(arguments, const char *));
            at++;
        } else {
            luaL_addchar(&buffer, *at);
        }
    }
    va_end(arguments);
    luaL_pushresult(&buffer);
    lua_concat(L, 2);
    return lua_error(L);
}

int fault_conversion(lua_State *L, const struct ctype *type, const char *alias, int index)
{
    index = lua_absindex(L, index);
    luaL_where(L, 1);
    const char *where = lua_tostring(L, -1), *value = fault_push_value(L, index);
    const char *name = fault_push_type(L, type, alias);
    lua_pushfstring(L, "%scannot convert %s to %s", where, value, name);
    return lua_error(L);
}

int fault_argument(lua_State *L, const struct ctype *function, int number, int index)
{
    const struct cfield *field = function->fields;
    for (int i = 1; i < number && field; i++)
        field = field->next;
    index = lua_absindex(L, index);
    luaL_where(L, 1);
    const char *where = lua_tostring(L, -1), *value = fault_push_value(L, index);
    const char *expected = field ? fault_push_type(L, field->type, field->alias)
                                 : lua_pushliteral(L, "something that C can take");
    const char *name = function->name ? lua_pushfstring(L, "`%s`", function->name)
                                      : fault_push_type(L, function, NULL);
    lua_pushfstring(L, "%sbad argument %d to %s: expected %s, got %s", where, number, name,
                    expected, value);
    return lua_error(L);
}
