/*
 * Lua functions that C can call. An error in one must not jump over C functions, which would never
 * clean up: it waits until the call of C that it happened in has returned, and is raised then; till
 * then, callbacks return zero at once. Only when the user interrupts and C still goes on calling
 * back, it is left by a jump.
 */
#ifndef FFI_CALLBACK_H
#define FFI_CALLBACK_H

#include "cdata.h"

/* The C function for the Lua function at the index. With `is_own`, a new one that cb:free() ends;
 * otherwise the one that this Lua function has for the type, which lasts as long as the session.
 * Raises when it cannot be made. */
void *callback_for(struct ffi *ffi, lua_State *L, const struct ctype *pointer, int index,
                   bool is_own);

/* cb:free() and cb:set(function). */
int callback_free_method(lua_State *L);
int callback_set_method(lua_State *L);

void callback_free_all(struct ffi *ffi);

#endif
