/* Questions about types and the machine: ffi.sizeof, alignof, offsetof, istype, abi, errno. */
#ifndef FFI_QUERY_H
#define FFI_QUERY_H

#include <lua.h>

int query_sizeof(lua_State *L);
int query_alignof(lua_State *L);
int query_offsetof(lua_State *L);
int query_istype(lua_State *L);
int query_isnull(lua_State *L);
int query_abi(lua_State *L);
int query_errno(lua_State *L);
int query_tonumber(lua_State *L);

extern const char query_os[], query_arch[];

#endif
