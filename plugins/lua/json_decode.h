/* JSON text as Lua values: what json.c writes comes back the same. */
#ifndef LUA_JSON_DECODE_H
#define LUA_JSON_DECODE_H

#include <hilum/evaluator.h>

#include <lua.h>

/*
 * Pushes the value. Arrays and objects are tables, null is the null pointer (display.null), an empty
 * array is marked as one. Raises when the text is no JSON or nested too deeply.
 */
void json_decode(lua_State *L, struct hilum_str text);

#endif
