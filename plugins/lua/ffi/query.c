#include "query.h"

#include "convert.h"
#include "fault.h"
#include "types.h"

#include <string.h>

const char query_os[] = "Linux";
const char query_arch[] =
#if defined(__x86_64__)
    "x64";
#elif defined(__i386__)
    "x86";
#elif defined(__aarch64__)
    "arm64";
#elif defined(__arm__)
    "arm";
#elif defined(__powerpc__)
    "ppc";
#else
    "other";
#endif

int query_sizeof(lua_State *L)
{
    const struct cdata *cdata = cdata_at(L, 1);
    const struct ctype *type = types_check(ffi_of(L), L, 1);
    size_t size = ctype_size(type);
    enum ctype_extent extent = type->plain->extent;
    if (cdata && extent == CTYPE_VARIABLE) {
        size = cdata->size;
    } else if (extent == CTYPE_VARIABLE && !lua_isnoneornil(L, 2)) {
        lua_Integer count = luaL_checkinteger(L, 2);
        luaL_argcheck(L, count >= 0, 2, "a number of elements cannot be negative");
        size = ctype_size_with(type, (size_t)count);
        luaL_argcheck(L, size > 0 || count == 0, 2, "this would be too large");
    } else if (extent != CTYPE_FIXED) {
        return 0;
    }
    lua_pushinteger(L, (lua_Integer)size);
    return 1;
}

int query_alignof(lua_State *L)
{
    const struct ctype *type = types_check(ffi_of(L), L, 1);
    if (type->kind == CTYPE_RECORD && type->plain->extent == CTYPE_UNKNOWN)
        return fault(L, "%t is not defined yet", type);
    lua_pushinteger(L, (lua_Integer)type->plain->align);
    return 1;
}

int query_offsetof(lua_State *L)
{
    const struct ctype *type = types_check(ffi_of(L), L, 1);
    size_t size, offset;
    const char *name = luaL_checklstring(L, 2, &size);
    if (type->kind == CTYPE_POINTER)
        type = type->inner;
    const struct cfield *field =
        type->kind == CTYPE_RECORD ? ctype_field(type, name, size, &offset) : NULL;
    if (!field || field->is_constant)
        return 0;
    lua_pushinteger(L, (lua_Integer)offset);
    if (!field->is_bit_field)
        return 1;
    lua_pushinteger(L, field->bit);
    lua_pushinteger(L, field->bits);
    return 3;
}

int query_istype(lua_State *L)
{
    const struct ctype *type = types_check(ffi_of(L), L, 1);
    luaL_checkany(L, 2);
    const struct cdata *cdata = cdata_at(L, 2);
    bool same = cdata && ctype_same(type, cdata->type);
    if (cdata && type->kind == CTYPE_RECORD && cdata->type->kind == CTYPE_POINTER)
        same = ctype_same(type, cdata->type->inner);
    lua_pushboolean(L, same);
    return 1;
}

int query_isnull(lua_State *L)
{
    luaL_checkany(L, 1);
    const struct cdata *cdata = cdata_at(L, 1);
    bool is_pointer = cdata && cdata->type->kind == CTYPE_POINTER;
    lua_pushboolean(L, lua_isnil(L, 1) || (is_pointer && !cdata_pointer(cdata)));
    return 1;
}

int query_abi(lua_State *L)
{
    static const char *const properties[] = {
        sizeof(void *) == 8 ? "64bit" : "32bit",
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "le" : "be", "fpu", "hardfp", NULL};
    const char *asked = luaL_checkstring(L, 1);
    bool found = false;
    for (const char *const *property = properties; *property; property++)
        found |= strcmp(*property, asked) == 0;
    lua_pushboolean(L, found);
    return 1;
}

int query_errno(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    int before = ffi->last_errno;
    if (!lua_isnoneornil(L, 1))
        ffi->last_errno = (int)luaL_checkinteger(L, 1);
    lua_pushinteger(L, before);
    return 1;
}

/* Numbers of C become Lua's; for all others, asks the function that was there before (upvalue 2). */
int query_tonumber(lua_State *L)
{
    const struct cdata *cdata = cdata_at(L, 1);
    if (!cdata) {
        lua_pushvalue(L, lua_upvalueindex(2));
        lua_insert(L, 1);
        lua_call(L, lua_gettop(L) - 1, 1);
        return 1;
    }
    if (ctype_is_integer(cdata->type)) {
        int64_t value = convert_read_integer(cdata->type, cdata->address);
        if (value < 0 && cdata->type->plain->is_unsigned)
            lua_pushnumber(L, (lua_Number)(uint64_t)value);
        else
            lua_pushinteger(L, value);
    } else if (cdata->type->kind == CTYPE_FLOAT) {
        lua_pushnumber(L, convert_read_float(cdata->type, cdata->address));
    } else {
        lua_pushnil(L);
    }
    return 1;
}
