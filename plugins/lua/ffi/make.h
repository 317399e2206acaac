/* Making C data: ffi.new, ffi.cast, and what becomes of it: ffi.gc, ffi.metatype. */
#ifndef FFI_MAKE_H
#define FFI_MAKE_H

#include <lua.h>

int make_new(lua_State *L);
int make_cast(lua_State *L);
int make_gc(lua_State *L);
int make_metatype(lua_State *L);

/* The metamethods __gc of C data, and __index of C types. */
int make_finalize(lua_State *L);
int make_index_type(lua_State *L);

#endif
