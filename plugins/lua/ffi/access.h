/* Members and elements: what stands behind `.` and `[]`, and pointers that are moved along. */
#ifndef FFI_ACCESS_H
#define FFI_ACCESS_H

#include "cdata.h"

/* The metamethods __index and __newindex of C data. */
int access_index(lua_State *L);
int access_newindex(lua_State *L);

/* Pushes the metatype's field for the type behind the data, a pointer's target included. False:
 * there is none, and nothing is pushed. */
bool access_push_meta(lua_State *L, const struct ctype *type, const char *name);

/* Pushes a member of the record that the object is; of one that it points at, only what can be had
 * without reading there. False: there is none. */
bool access_push_safely(struct ffi *ffi, lua_State *L, int index, const char *name, size_t size);

#endif
