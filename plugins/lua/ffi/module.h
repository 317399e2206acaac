/*
 * LuaJIT's `ffi` for stock Lua 5.4, on libffi and dlopen. This is what the evaluator sees of it; the
 * module needs nothing of the evaluator. docs/ffi.md says what it does for a user.
 */
#ifndef FFI_MODULE_H
#define FFI_MODULE_H

#include "../text.h"

#include <lua.h>

/* Pushes the module's table, as a loader in package.preload does. The first upvalue may be a light
 * userdata: a `struct ffi_hooks`. */
int ffi_open(lua_State *L);

struct ffi_hooks {
    /* Is the cell being interrupted? Asked when a callback has failed and C calls back again. */
    bool (*is_interrupted)(lua_State *L);
};

/* Is the value an object of the module: C data, a C type, a library? */
bool ffi_is_object(lua_State *L, int index);

/* Calls `visit` for each name that the object can be indexed with: members of structs, declared
 * symbols of libraries. `kind` is "field", "function", "variable" or "constant". */
void ffi_each_member(lua_State *L, int index,
                     void (*visit)(void *context, const char *name, const char *kind),
                     void *context);

/* Adds what the object is, in C: a function's declaration, a struct's definition. */
void ffi_describe(lua_State *L, int index, struct text *out);

/* Adds the C data with its members and elements, of each array up to `items`. */
void ffi_show(lua_State *L, int index, int items, struct text *out);

#endif
