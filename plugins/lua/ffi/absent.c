/* In place of the module when there is no libffi: nothing is an object of it. */
#include "module.h"

#include <lauxlib.h>

int ffi_open(lua_State *L)
{
    return luaL_error(L,
                      "Hilum was built without libffi; on Debian, install libffi-dev and build it "
                      "again");
}

bool ffi_is_object(lua_State *L, int index)
{
    (void)L;
    (void)index;
    return false;
}

bool ffi_is_held(lua_State *L, int index)
{
    (void)L;
    (void)index;
    return false;
}

void ffi_each_member(lua_State *L, int index,
                     void (*visit)(void *context, const char *name, const char *kind),
                     void *context)
{
    (void)L;
    (void)index;
    (void)visit;
    (void)context;
}

bool ffi_push_member(lua_State *L, int index, const char *name, size_t size)
{
    (void)L;
    (void)index;
    (void)name;
    (void)size;
    return false;
}

bool ffi_push_methods(lua_State *L, int index)
{
    (void)L;
    (void)index;
    return false;
}

void ffi_describe(lua_State *L, int index, struct text *out)
{
    (void)L;
    (void)index;
    (void)out;
}

bool ffi_show(lua_State *L, int index, int items, int depth, struct text *out)
{
    (void)L;
    (void)index;
    (void)items;
    (void)depth;
    (void)out;
    return false;
}
