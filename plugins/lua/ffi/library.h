/* Shared libraries as Lua values: ffi.load and ffi.C. */
#ifndef FFI_LIBRARY_H
#define FFI_LIBRARY_H

#include "cdata.h"

struct library {
    const void *mark;
    void *handle; /* NULL: all that is loaded */
    char name[];
};

/* The library at the index, or NULL. */
struct library *library_at(lua_State *L, int index);

/* Pushes a library; with NULL for the name, what is loaded already. Raises with dlopen's reason. */
void library_push(struct ffi *ffi, lua_State *L, const char *name, bool is_global);

/* Forgets what was looked up, since it is declared differently now. */
void library_forget(struct ffi *ffi, lua_State *L);

/* Pushes the function, the variable's value or the constant. False: the library has none such. */
bool library_push_symbol(struct ffi *ffi, lua_State *L, const struct library *library,
                         const struct declaration *declaration);

/* The address of a declared function or variable, or NULL. */
void *library_find(const struct library *library, const struct declaration *declaration);

#endif
