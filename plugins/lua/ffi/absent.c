/* In place of the module when there is no libffi. */
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

void ffi_each_member(lua_State *L, int index,
                     void (*visit)(void *context, const char *name, const char *kind),
                     void *context)
{
    (void)L;
    (void)index;
    (void)visit;
    (void)context;
}

void ffi_describe(lua_State *L, int index, struct text *out)
{
    (void)L;
    (void)index;
    (void)out;
}

void ffi_show(lua_State *L, int index, int items, struct text *out)
{
    (void)L;
    (void)index;
    (void)items;
    (void)out;
}
