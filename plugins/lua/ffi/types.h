/* C types as arguments of the module's functions. */
#ifndef FFI_TYPES_H
#define FFI_TYPES_H

#include "cdata.h"

/* The type that the argument names: a declaration as a string, a C type, or the type of C data. */
const struct ctype *types_check(struct ffi *ffi, lua_State *L, int index);

/* ffi.cdef and ffi.typeof, with values for `$`. */
int types_cdef(lua_State *L);
int types_typeof(lua_State *L);

#endif
