/*
 * LuaJIT's `ffi` for stock Lua 5.4, on libffi and dlopen. This is what the evaluator sees of it; the
 * module needs nothing of the evaluator. docs/ffi.md says what it does for a user.
 */
#ifndef FFI_MODULE_H
#define FFI_MODULE_H

#include "../text.h"

#include <lua.h>

struct ffi_hooks {
    /* Is the cell being interrupted? Asked when a callback has failed and C calls back again. */
    bool (*is_interrupted)(lua_State *L);
};

/* Pushes the module's table, as a loader in package.preload does. The first upvalue may be a light
 * userdata: a `struct ffi_hooks`. */
int ffi_open(lua_State *L);

/* Is the value an object of the module: C data, a C type, a library? Works, as all below, also when
 * the module has not been loaded. */
bool ffi_is_object(lua_State *L, int index);

/* Is reading the object sure to read memory that is there? False for what C's pointers led to. */
bool ffi_is_held(lua_State *L, int index);

/* Calls `visit` for each name that the object can be indexed with: members of structs, declared
 * symbols of libraries. `kind` is "field", "method", "function", "variable" or "constant"; the names
 * stay valid as long as the session. */
void ffi_each_member(lua_State *L, int index,
                     void (*visit)(void *context, const char *name, const char *kind),
                     void *context);

/* Pushes the object's member of this name as indexing would, but runs no code of the user and reads
 * nothing through pointers. False: there is none that can be had so, and nothing is pushed. */
bool ffi_push_member(lua_State *L, int index, const char *name, size_t size);

/* Pushes the table that the metatype of the object's type has as __index, if there is one. */
bool ffi_push_methods(lua_State *L, int index);

/* Adds what the object is, in C: a function's declaration, a struct's definition. */
void ffi_describe(lua_State *L, int index, struct text *out);

/* Adds a struct or array with its members and elements, of each array up to `items`. What does not
 * fit on a line is indented by `depth` levels. False: it is neither, or has a __tostring of its own,
 * and nothing was added. */
bool ffi_show(lua_State *L, int index, int items, int depth, struct text *out);

#endif
