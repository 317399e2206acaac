/* string.rep, which makes a long string in one copy instead of two. Otherwise stock. */
#ifndef LUA_REPEAT_H
#define LUA_REPEAT_H

#include <lua.h>

/* Replaces the function. May raise. */
void repeat_open(lua_State *L);

#endif
