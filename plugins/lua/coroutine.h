/* coroutine.resume, wrap and close, which tell interrupt.c where Lua code runs. Otherwise stock. */
#ifndef LUA_COROUTINE_H
#define LUA_COROUTINE_H

#include <lua.h>

/* Replaces the three functions. May raise. */
void coroutine_open(lua_State *L);

#endif
