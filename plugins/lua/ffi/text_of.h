/* The strings of C data. */
#ifndef FFI_TEXT_OF_H
#define FFI_TEXT_OF_H

#include "cdata.h"

/* The metamethods __tostring of C data and of C types. */
int text_of_cdata(lua_State *L);
int text_of_ctype(lua_State *L);

#endif
