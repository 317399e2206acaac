/*
 * Stock Lua with the module ffi, without a kernel around it: runs SCRIPT, by default the table of
 * cases. The module can so be tested under valgrind, compared with LuaJIT and timed.
 *
 *   ffi_lua [SCRIPT [ARGUMENT...]]
 */
#include "../../plugins/lua/ffi/module.h"

#include <lauxlib.h>
#include <lualib.h>

#include <stdio.h>
#include <stdlib.h>

/* What a call through ffi is compared with. */
static int plain_abs(lua_State *L)
{
    lua_pushinteger(L, abs((int)luaL_checkinteger(L, 1)));
    return 1;
}

static int traceback(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

static void open_all(lua_State *L)
{
    luaL_openlibs(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, ffi_open);
    lua_setfield(L, -2, "ffi");
    lua_pop(L, 1);
    lua_register(L, "plain_abs", plain_abs);
}

static bool run(lua_State *L, const char *script, int count, char **arguments)
{
    open_all(L);
    lua_pushcfunction(L, traceback);
    bool done = luaL_loadfile(L, script) == LUA_OK;
    for (int i = 0; done && i < count; i++)
        lua_pushstring(L, arguments[i]);
    done = done && lua_pcall(L, count, 0, 1) == LUA_OK;
    if (!done)
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
    return done;
}

int main(int count, char **arguments)
{
    char cases[4096];
    const char *top = getenv("SRCDIR");
    snprintf(cases, sizeof(cases), "%s/tests/ffi/cases.lua", top ? top : ".");
    lua_State *L = luaL_newstate();
    if (!L)
        return EXIT_FAILURE;
    bool done = run(L, count > 1 ? arguments[1] : cases, count > 2 ? count - 2 : 0, arguments + 2);
    lua_close(L);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
