/* os.execute and os.exit as they must be inside a kernel. */
#ifndef LUA_SYSTEM_H
#define LUA_SYSTEM_H

#include <lua.h>

/* Replaces the two functions. May raise. */
void system_open(lua_State *L);

#endif
