/* Initial values of arrays, structs and unions, by the rules of LuaJIT's ffi.new. */
#ifndef FFI_INITIAL_H
#define FFI_INITIAL_H

#include "cdata.h"

/* `size` is that of the object, which the type alone need not know. The objects are zeroed. All
 * raise for values that do not fit. */

/* Initializes from a table: by position, from index 0 or 1 on, or by names of members. */
void initial_table(struct ffi *ffi, lua_State *L, const struct ctype *type, void *to, size_t size,
                   int index);

/* Copies the bytes with their NUL, as far as they fit. False: no array of bytes. */
bool initial_string(lua_State *L, const struct ctype *type, void *to, size_t size, int index);

/* Initializes from the values at `first` and above, up to the top of the stack. */
void initial_values(struct ffi *ffi, lua_State *L, const struct ctype *type, void *to, size_t size,
                    int first);

#endif
