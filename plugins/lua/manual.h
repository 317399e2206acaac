/* One line on each function of Lua 5.4's standard library and of ffi, for inspection. */
#ifndef LUA_MANUAL_H
#define LUA_MANUAL_H

#include <lua.h>

#include <stdbool.h>

struct manual_entry {
    const char *name; /* "string.format"; "file:read" for methods of files */
    const char *signature;
    const char *summary;
};

/* Ended by an entry without a name. */
extern const struct manual_entry manual_entries[];

/* Pushes the value that the session has under the entry's name. False: none, nothing is pushed. */
bool manual_push(lua_State *L, const struct manual_entry *entry);

#endif
