#include "make.h"

#include "access.h"
#include "convert.h"
#include "fault.h"
#include "initial.h"
#include "types.h"

/* The size of a new object; takes the number of elements from the arguments where the type leaves
 * it open. *first is the first initial value. */
static size_t new_size(lua_State *L, const struct ctype *type, int *first)
{
    enum ctype_extent extent = type->plain->extent;
    size_t size = ctype_size(type);
    if (extent == CTYPE_VARIABLE) {
        const struct cdata *cdata = cdata_at(L, *first);
        lua_Integer count = lua_type(L, *first) == LUA_TNUMBER ? convert_to_integer(L, *first)
                            : cdata && ctype_is_integer(cdata->type)
                                ? convert_read_integer(cdata->type, cdata->address)
                                : -1;
        if (count < 0)
            fault(L, "%t needs the number of elements, and not %s", type,
                  fault_push_value(L, (lua_settop(L, *first), *first)));
        size = ctype_size_with(type, (size_t)count);
        if (size == 0 && count > 0)
            fault(L, "an object of type %t would be too large", type);
        ++*first;
    } else if (extent == CTYPE_UNKNOWN) {
        fault(L, "the size of %t is not known", type);
    }
    return size;
}

int make_new(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    const struct ctype *type = types_check(ffi, L, 1);
    int first = 2;
    size_t size = new_size(L, type, &first);
    luaL_checkstack(L, 8, NULL);
    struct cdata *made = cdata_new(ffi, L, type, size);
    lua_insert(L, 1);
    initial_values(ffi, L, type, made->address, size, first + 1);
    lua_settop(L, 1);
    cdata_adopt(ffi, L, 1);
    return 1;
}

static bool is_castable(const struct ctype *type)
{
    return type->kind == CTYPE_POINTER || type->kind == CTYPE_FLOAT || ctype_is_integer(type);
}

int make_cast(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    const struct ctype *type = types_check(ffi, L, 1);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    if (!is_castable(type))
        return fault(L, "a value cannot be cast to %t", type);
    struct cdata *made = cdata_new(ffi, L, type, ctype_size(type));
    if (!convert_store(ffi, L, type, made->address, 2, true))
        return fault_conversion(L, type, NULL, 2);
    bool may_point_into = lua_type(L, 2) == LUA_TUSERDATA || lua_type(L, 2) == LUA_TSTRING;
    if (type->kind == CTYPE_POINTER && may_point_into) {
        cdata_push_owner(L, 2);
        lua_setiuservalue(L, -2, 1);
    }
    return 1;
}

int make_gc(lua_State *L)
{
    if (!cdata_at(L, 1))
        return luaL_typeerror(L, 1, "C data");
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    cdata_set_finalizer(ffi_of(L), L, 1, 2);
    lua_settop(L, 1);
    return 1;
}

int make_finalize(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    const struct cdata *cdata = cdata_at(L, 1);
    if (!cdata)
        return 0;
    lua_settop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->finalizers);
    lua_pushvalue(L, 1);
    lua_rawget(L, -2);
    if (lua_isnil(L, -1) &&
        (cdata->type->kind != CTYPE_RECORD || !access_push_meta(L, cdata->type, "__gc")))
        return 0;
    lua_pushvalue(L, 1);
    lua_call(L, 1, 0);
    return 0;
}

int make_metatype(lua_State *L)
{
    struct ffi *ffi = ffi_of(L);
    struct ctype *type = (struct ctype *)types_check(ffi, L, 1)->plain;
    luaL_checktype(L, 2, LUA_TTABLE);
    if (type->kind != CTYPE_RECORD)
        return fault(L, "only structs and unions can have a metatype, not %t", type);
    lua_getfield(L, 2, "__gc");
    type->has_finalizer = !lua_isnil(L, -1);
    lua_pushvalue(L, 2);
    /* A cell that is run again brings its functions anew. */
    if (type->metatable)
        luaL_unref(L, LUA_REGISTRYINDEX, type->metatable);
    type->metatable = luaL_ref(L, LUA_REGISTRYINDEX);
    ctype_push(ffi, L, type);
    return 1;
}

/* Constants of the type, and what its metatype has in __index: "Point.new". */
int make_index_type(lua_State *L)
{
    const struct ctype *type = ctype_at(L, 1);
    size_t size, offset;
    if (!type)
        return luaL_typeerror(L, 1, "C type");
    if (lua_type(L, 2) == LUA_TSTRING) {
        const char *name = lua_tolstring(L, 2, &size);
        const struct cfield *field = type->kind == CTYPE_RECORD || type->kind == CTYPE_ENUM
                                         ? ctype_field(type, name, size, &offset)
                                         : NULL;
        if (field && field->is_constant) {
            lua_pushinteger(L, field->value);
            return 1;
        }
    }
    if (type->kind == CTYPE_RECORD && access_push_meta(L, type, "__index")) {
        if (lua_isfunction(L, -1)) {
            lua_pushvalue(L, 1);
            lua_pushvalue(L, 2);
            lua_call(L, 2, 1);
        } else {
            lua_pushvalue(L, 2);
            lua_gettable(L, -2);
        }
        return 1;
    }
    return fault(L, "the type %t has no %s", type, fault_push_value(L, 2));
}
