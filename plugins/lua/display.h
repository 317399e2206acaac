/* The module `display`: shows values in other forms than text, at once, and replaces what was shown. */
#ifndef LUA_DISPLAY_H
#define LUA_DISPLAY_H

#include <lua.h>

#include <stdbool.h>

/* Makes the module, loaded and global. May raise. */
void display_open(lua_State *L);

/* Is the value a handle of something that was shown? It is no result: that would show it twice. */
bool display_is_handle(lua_State *L, int index);

#endif
