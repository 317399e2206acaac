/* Lua values as JSON text. */
#ifndef LUA_JSON_H
#define LUA_JSON_H

#include "text.h"

#include <lua.h>

/* Prepares the state. May raise. */
void json_open(lua_State *L);

/*
 * Adds the value at `index`. A table with entries 1 to n only is an array, one with string keys only
 * is an object, an empty one is {} unless json_mark_array was called on it. The null pointer is null.
 * Raises, with the way to the value in question, on anything else, on cycles and deep nesting, and
 * when interrupted. Calls no metamethods. Stops early once `out` is full.
 */
void json_encode(lua_State *L, int index, struct text *out);

/* The same for a table that has to become an object. */
void json_encode_object(lua_State *L, int index, struct text *out);

/* The table at `index` is an array from now on, also when it is empty. */
void json_mark_array(lua_State *L, int index);

#endif
