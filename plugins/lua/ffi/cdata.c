#include "cdata.h"

#include <string.h>

const char cdata_mark, ctype_object_mark;

enum { LUA_ALIGNMENT = 8 }; /* of a userdata's bytes: see LUAI_MAXALIGN */

const struct ctype *ctype_at(lua_State *L, int index)
{
    struct ctype_object *object = lua_touserdata(L, index);
    if (!object || lua_rawlen(L, index) < sizeof(*object) || object->mark != &ctype_object_mark)
        return NULL;
    return object->type;
}

struct cdata *cdata_new(struct ffi *ffi, lua_State *L, const struct ctype *type, size_t size)
{
    size_t align = type->plain->align, spare = align > LUA_ALIGNMENT ? align - 1 : 0;
    int values = type->kind == CTYPE_POINTER;
    struct cdata *cdata = lua_newuserdatauv(L, sizeof(*cdata) + spare + size, values);
    uintptr_t place = (uintptr_t)(cdata + 1);
    if (spare)
        place = (place + spare) & ~(uintptr_t)spare;
    *cdata = (struct cdata){&cdata_mark, type, (void *)place, size, false};
    memset(cdata->address, 0, size);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->plain_metatable);
    lua_setmetatable(L, -2);
    return cdata;
}

struct cdata *cdata_refer(struct ffi *ffi, lua_State *L, const struct ctype *type, void *address,
                          int parent)
{
    parent = parent ? lua_absindex(L, parent) : 0;
    struct cdata *cdata = lua_newuserdatauv(L, sizeof(*cdata), 1);
    *cdata = (struct cdata){&cdata_mark, type, address, ctype_size(type), true};
    if (parent) {
        cdata_push_owner(L, parent);
        lua_setiuservalue(L, -2, 1);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->plain_metatable);
    lua_setmetatable(L, -2);
    return cdata;
}

void cdata_push_pointer(struct ffi *ffi, lua_State *L, const struct ctype *type,
                        const void *pointer, int parent)
{
    parent = parent ? lua_absindex(L, parent) : 0;
    struct cdata *cdata = cdata_new(ffi, L, type, sizeof(void *));
    *(const void **)cdata->address = pointer;
    if (parent) {
        cdata_push_owner(L, parent);
        lua_setiuservalue(L, -2, 1);
    }
}

/* Strings are owners too. */
void cdata_push_owner(lua_State *L, int index)
{
    const struct cdata *cdata = cdata_at(L, index);
    if (cdata && (cdata->is_reference || cdata->type->kind == CTYPE_POINTER))
        lua_getiuservalue(L, index, 1);
    else
        lua_pushvalue(L, index);
}

bool cdata_is_held(lua_State *L, int index)
{
    const struct cdata *cdata = cdata_at(L, index);
    if (!cdata->is_reference)
        return true;
    bool has_owner = lua_getiuservalue(L, index, 1) > LUA_TNIL;
    lua_pop(L, 1);
    return has_owner;
}

void ctype_push(struct ffi *ffi, lua_State *L, const struct ctype *type)
{
    struct ctype_object *object = lua_newuserdatauv(L, sizeof(*object), 0);
    *object = (struct ctype_object){&ctype_object_mark, type};
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->ctype_metatable);
    lua_setmetatable(L, -2);
}

void cdata_adopt(struct ffi *ffi, lua_State *L, int object)
{
    const struct cdata *cdata = cdata_at(L, object);
    if (!cdata->type->plain->has_finalizer || cdata->type->kind != CTYPE_RECORD)
        return;
    object = lua_absindex(L, object);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->final_metatable);
    lua_setmetatable(L, object);
}

void cdata_set_finalizer(struct ffi *ffi, lua_State *L, int object, int function)
{
    object = lua_absindex(L, object);
    function = lua_absindex(L, function);
    bool is_final = !lua_isnil(L, function);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ffi->finalizers);
    lua_pushvalue(L, object);
    lua_pushvalue(L, function);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, is_final ? ffi->final_metatable : ffi->plain_metatable);
    lua_setmetatable(L, object);
}
