/* A check of JSON text that users wrote, so that a fault is their error and not a client's. */
#ifndef LUA_JSON_CHECK_H
#define LUA_JSON_CHECK_H

#include "text.h"

#include <lua.h>

/* Raises unless the string at `index` is one JSON value; `name` is how the error calls it. */
void json_check(lua_State *L, int index, const char *name);

#endif
