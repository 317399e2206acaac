/* ffi.string, ffi.copy, ffi.fill. */
#ifndef FFI_MEMORY_H
#define FFI_MEMORY_H

#include <lua.h>

int memory_string(lua_State *L);
int memory_copy(lua_State *L);
int memory_fill(lua_State *L);

#endif
