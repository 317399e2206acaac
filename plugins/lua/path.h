/*
 * The value that a piece of code such as "a.b.c", "s:rep" or t["x"].y stands for, found without
 * running anything: raw access and __index tables only.
 */
#ifndef LUA_PATH_H
#define LUA_PATH_H

#include "token.h"

#include <lua.h>

/* Pushes the value of the path that ends with token `last` and returns true. Pushes nothing when
 * it is no path or its value is nil. May raise lack of memory. */
bool path_push(lua_State *L, const struct tokens *tokens, size_t last);

/* The token with which that path begins. */
size_t path_start(const struct tokens *tokens, size_t last);

/* Replaces the value on the top by the table that its __index refers to, if any. For a table that
 * is where the search goes on after the table itself. False: there is none, nothing changed. */
bool path_up(lua_State *L);

#endif
