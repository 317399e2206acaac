#include "repeat.h"

#include <lauxlib.h>
#include <lualib.h>

#include <string.h>

/* The stock function puts the string together in a buffer and copies that. Shorter ones are its own. */
#define LONG ((lua_Unsigned)1 << 20)
/* So is the complaint about what cannot be. */
#define TOO_LONG ((lua_Unsigned)1 << 36)
/* A long one is joined from tiles that stay in the processor's cache, unless those were too many. */
#define TILE      ((size_t)128 << 10)
#define TILES_MAX 1000

static int call_stock(lua_State *L)
{
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* `count` times the text and the separator, as a string on the stack. */
static void push_tile(lua_State *L, size_t count)
{
    luaL_Buffer tile;
    size_t size, separator_size;
    const char *text = lua_tolstring(L, 1, &size);
    const char *separator = lua_tolstring(L, 3, &separator_size);
    size_t unit = size + separator_size;
    char *to = luaL_buffinitsize(L, &tile, count * unit);
    for (size_t i = 0; i < count; i++, to += unit) {
        memcpy(to, text, size);
        memcpy(to + size, separator, separator_size);
    }
    luaL_pushresultsize(&tile, count * unit);
}

/* The text comes `count` times, with a separator after each but the last. `unit` is the size of both. */
static int join(lua_State *L, size_t count, size_t unit)
{
    size_t pairs = count - 1, most = pairs / TILES_MAX + 1;
    size_t in_tile = TILE / unit > most ? TILE / unit : most;
    if (in_tile > pairs)
        in_tile = pairs;
    size_t tiles = pairs / in_tile;
    luaL_checkstack(L, (int)tiles + 4, NULL);
    push_tile(L, in_tile);
    for (size_t i = 1; i < tiles; i++)
        lua_pushvalue(L, 4);
    push_tile(L, pairs % in_tile);
    lua_pushvalue(L, 1);
    lua_concat(L, lua_gettop(L) - 3);
    return 1;
}

static int string_rep(lua_State *L)
{
    size_t size, separator_size;
    luaL_checklstring(L, 1, &size);
    lua_Integer count = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator_size);
    size_t unit = size + separator_size;
    if (count < 2 || !unit || (lua_Unsigned)count < LONG / unit ||
        (lua_Unsigned)count > TOO_LONG / unit)
        return call_stock(L);
    if (lua_isnoneornil(L, 3)) {
        lua_settop(L, 2);
        lua_pushliteral(L, "");
    }
    lua_settop(L, 3);
    return join(L, (size_t)count, unit);
}

void repeat_open(lua_State *L)
{
    lua_getglobal(L, LUA_STRLIBNAME);
    lua_getfield(L, -1, "rep");
    lua_pushcclosure(L, string_rep, 1);
    lua_setfield(L, -2, "rep");
    lua_pop(L, 1);
}
