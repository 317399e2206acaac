#include "types.h"

#include "convert.h"
#include "fault.h"
#include "library.h"
#include "parse.h"

#include <string.h>

enum { MOST_ARGUMENTS = 32 };

static struct parse_argument argument_at(lua_State *L, int index)
{
    struct parse_argument argument = {0};
    const struct cdata *cdata = cdata_at(L, index);
    if (lua_type(L, index) == LUA_TSTRING)
        argument.name = lua_tostring(L, index);
    else if (lua_type(L, index) == LUA_TNUMBER)
        argument.number = convert_to_integer(L, index);
    else
        argument.type = cdata ? cdata->type : ctype_at(L, index);
    if (!argument.name && !argument.type && lua_type(L, index) != LUA_TNUMBER)
        luaL_typeerror(L, index, "type, name or number");
    return argument;
}

/* Fills in the request from the arguments: the text is the first one. */
static void read_request(lua_State *L, struct parse_request *request,
                         struct parse_argument arguments[MOST_ARGUMENTS])
{
    size_t count = (size_t)(lua_gettop(L) - 1);
    *request = (struct parse_request){.arguments = arguments, .argument_count = count};
    request->text = luaL_checklstring(L, 1, &request->size);
    luaL_argcheck(L, count <= MOST_ARGUMENTS, MOST_ARGUMENTS + 2, "too many values");
    for (size_t i = 0; i < count; i++)
        arguments[i] = argument_at(L, (int)i + 2);
}

static int raise(lua_State *L, const char *what, const struct parse_error *error)
{
    luaL_where(L, 1);
    lua_pushfstring(L, "%s%s", what, error->message);
    lua_concat(L, 2);
    return lua_error(L);
}

int types_cdef(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    struct parse_request request;
    struct parse_argument arguments[MOST_ARGUMENTS];
    struct parse_error error;
    read_request(L, &request, arguments);
    bool done = parse_declarations(&ffi->declarations, &request, &error);
    if (ffi->declarations.has_changed) {
        ffi->declarations.has_changed = false;
        library_forget(ffi, L);
    }
    return done ? 0 : raise(L, "error in declaration, ", &error);
}

/* A text means the same type each time, unless it defines one: those without a value are kept. */
static const struct ctype *find_known(struct ffi *ffi, lua_State *L, int index)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->type_names);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    const struct ctype *type = lua_touserdata(L, -1);
    lua_pop(L, 2);
    return type;
}

static void remember(struct ffi *ffi, lua_State *L, int index, const struct ctype *type)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->type_names);
    lua_pushvalue(L, index);
    lua_pushlightuserdata(L, (void *)type);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static const struct ctype *parse(struct ffi *ffi, lua_State *L, const struct parse_request *request,
                                 bool *is_new)
{
    struct parse_error error;
    const struct ctype *type = parse_type(&ffi->declarations, request, is_new, &error);
    if (!type)
        raise(L, "error in type, ", &error);
    return type;
}

const struct ctype *types_check(struct ffi *ffi, lua_State *L, int index)
{
    const struct ctype *type = ctype_at(L, index);
    const struct cdata *cdata = type ? NULL : cdata_at(L, index);
    struct parse_request request = {0};
    bool is_new;
    if (type || cdata)
        return type ? type : cdata->type;
    if (lua_type(L, index) != LUA_TSTRING)
        luaL_typeerror(L, index, "C type");
    type = find_known(ffi, L, index);
    if (type)
        return type;
    request.text = lua_tolstring(L, index, &request.size);
    type = parse(ffi, L, &request, &is_new);
    if (!is_new)
        remember(ffi, L, index, type);
    return type;
}

int types_typeof(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    struct parse_request request;
    struct parse_argument arguments[MOST_ARGUMENTS];
    bool is_new;
    const struct ctype *type;
    if (lua_gettop(L) <= 1) {
        type = types_check(ffi, L, 1);
    } else {
        read_request(L, &request, arguments);
        type = parse(ffi, L, &request, &is_new);
    }
    ctype_push(ffi, L, type);
    return 1;
}
