/*
 * From a cell's code to a Lua function, by the result rule: a cell that is an expression has its
 * value as result, and so has a cell that ends in one ("x = 5 x + 1", "y = f()\ny * 2", "f(x)").
 * Compiling is parsing only; nothing in the session changes.
 */
#ifndef LUA_COMPILE_H
#define LUA_COMPILE_H

#include "text.h"

#include <lua.h>

/* Why code does not compile. */
struct syntax_error {
    struct text message; /* without the place */
    long line;           /* 0: unknown */
    size_t offset;       /* of the offending token; code.size at the end of the code */
    size_t length;       /* 0: unknown, and `offset` only says how far the parser came */
    bool at_end;         /* more code could make it right */
};

/*
 * Pushes the function that the code compiles to. False: it pushed nothing, and *error says why;
 * text_free(&error->message) is the caller's. expression_only: no statements.
 */
bool compile_code(lua_State *L, struct hilum_str code, struct hilum_str name, bool expression_only,
                  struct syntax_error *error);

#endif
