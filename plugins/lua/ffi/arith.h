/* Operators on C data: 64-bit integers, pointers, and what metatypes define. */
#ifndef FFI_ARITH_H
#define FFI_ARITH_H

#include "cdata.h"

/* The metamethods, in the form of luaL_Reg; each wants the state as its upvalue. */
extern const luaL_Reg arith_metamethods[];

#endif
