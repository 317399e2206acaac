#include "memory.h"

#include "convert.h"
#include "fault.h"

#include <string.h>

/* The place that the argument points at or is; *room is what is known to be there, or SIZE_MAX. */
static void *check_place(struct ffi *ffi, lua_State *L, int index, bool is_written, size_t *room)
{
    struct ctypes *types = &ffi->declarations.types;
    const struct cdata *cdata = cdata_at(L, index);
    const struct ctype *target =
        is_written ? types->void_type : ctype_qualified(types, types->void_type, CTYPE_CONST);
    const struct ctype *pointer = target ? ctype_pointer(types, target) : NULL;
    void *place = NULL;
    if (!pointer)
        luaL_error(L, "not enough memory");
    if (!convert_store(ffi, L, pointer, &place, index, false))
        fault_conversion(L, pointer, NULL, index);
    if (!place)
        fault(L, "this pointer is NULL: %s", fault_push_value(L, index));
    *room = SIZE_MAX;
    if (cdata && !cdata->is_reference && cdata->type->kind != CTYPE_POINTER)
        *room = cdata->size;
    if (lua_type(L, index) == LUA_TSTRING)
        *room = lua_rawlen(L, index) + 1;
    return place;
}

static size_t check_size(lua_State *L, int index)
{
    const struct cdata *cdata = cdata_at(L, index);
    lua_Integer size = cdata && ctype_is_integer(cdata->type)
                           ? convert_read_integer(cdata->type, cdata->address)
                           : luaL_checkinteger(L, index);
    luaL_argcheck(L, size >= 0, index, "a size cannot be negative");
    return (size_t)size;
}

static void check_room(lua_State *L, int index, size_t size, size_t room)
{
    if (size <= room)
        return;
    lua_pushinteger(L, (lua_Integer)size);
    const char *given = lua_tostring(L, -1);
    fault(L, "%s bytes are more than %s holds", given, fault_push_value(L, index));
}

int memory_string(lua_State *L)
{
    size_t room;
    lua_settop(L, 2);
    const struct cdata *cdata = cdata_at(L, 1);
    const struct ctype *type = cdata ? cdata->type : NULL;
    bool has_size = !lua_isnil(L, 2);
    bool is_text = type && (type->kind == CTYPE_POINTER || type->kind == CTYPE_ARRAY) &&
                   (ctype_is_byte(type->inner) || type->inner->kind == CTYPE_VOID);
    if (!has_size && cdata && !is_text)
        return fault(L, "%t is no string: its size has to be given", type);
    if (lua_isnil(L, 1))
        return fault(L, "a NULL pointer is no string");
    const char *place = check_place(ffi_of(L), L, 1, false, &room);
    if (!has_size && type && type->kind == CTYPE_ARRAY && room == SIZE_MAX)
        room = cdata->size ? cdata->size : SIZE_MAX;
    size_t size = has_size                        ? check_size(L, 2)
                  : lua_type(L, 1) == LUA_TSTRING ? room - 1
                  : room == SIZE_MAX              ? strlen(place)
                                                  : strnlen(place, room);
    if (has_size)
        check_room(L, 1, size, room);
    lua_pushlstring(L, place, size);
    return 1;
}

int memory_copy(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    size_t to_room, from_room;
    void *to = check_place(ffi, L, 1, true, &to_room);
    const void *from = check_place(ffi, L, 2, false, &from_room);
    bool whole = lua_isnoneornil(L, 3) && lua_type(L, 2) == LUA_TSTRING;
    size_t size = whole ? from_room : check_size(L, 3);
    check_room(L, 1, size, to_room);
    check_room(L, 2, size, from_room);
    memmove(to, from, size);
    return 0;
}

int memory_fill(lua_State *L)
{
    size_t room;
    void *to = check_place(ffi_of(L), L, 1, true, &room);
    size_t size = check_size(L, 2);
    int byte = (int)luaL_optinteger(L, 3, 0);
    check_room(L, 1, size, room);
    memset(to, byte, size);
    return 0;
}
