/* Values as readable text: tables laid out in lines, everything within bounds. */
#ifndef LUA_PRETTY_H
#define LUA_PRETTY_H

#include "text.h"

#include <lua.h>

struct pretty_limits {
    int depth; /* levels of tables inside tables */
    int items; /* entries shown of one table; ten times as many of all tables together */
};

/*
 * Adds the value at `index`. Calls __tostring, with its errors shown in place; raises when that was
 * interrupted, and on lack of memory. Looks at a bounded part of a large table only.
 */
void pretty_value(lua_State *L, int index, const struct pretty_limits *limits, struct text *out);

/* Adds a function as "f(a, b)", or "function(a, b)" when `name` is empty. */
void pretty_signature(lua_State *L, int index, struct hilum_str name, struct text *out);

/* Adds the text as a Lua string literal; of a longer one, the first `limit` bytes. */
void pretty_quoted(struct hilum_str string, size_t limit, struct text *out);

/* The name under which a loaded module or _G holds the function at `index`: "string.format". Pushes
 * it and returns true, or pushes nothing. */
bool pretty_global_name(lua_State *L, int index);

#endif
