/* Errors for people: what was expected, what was given. All of these raise. */
#ifndef FFI_FAULT_H
#define FFI_FAULT_H

#include "ctype.h"

#include <lua.h>

/* "cannot convert string "abc" to `int *`" */
int fault_conversion(lua_State *L, const struct ctype *type, const char *alias, int index);

/* "bad argument 2 to `qsort`: expected `size_t`, got string" */
int fault_argument(lua_State *L, const struct ctype *function, int number, int index);

/* An error with the place where Lua was; %t takes a type. */
int fault(lua_State *L, const char *format, ...);

/* Pushes a type's name in backquotes, and a value's description. */
const char *fault_push_type(lua_State *L, const struct ctype *type, const char *alias);
const char *fault_push_value(lua_State *L, int index);

#endif
