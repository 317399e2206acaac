/* Which token of a line of code an error is about. */
#ifndef LUA_MARK_H
#define LUA_MARK_H

#include "text.h"

/* What is done with the name that is looked for. */
enum mark_use {
    MARK_ANY,
    MARK_CALL,  /* f(...) */
    MARK_INDEX, /* t.x, t[x], t:x() */
};

/* The place of the one token that fits, as columns of the line; all 0 when there is none, or more
 * than one: then it would be a guess. `line` is for the result. */
struct hilum_span mark_name(struct hilum_str code_line, long line, struct hilum_str name,
                            enum mark_use use);

/* The token that a message of Lua's speaks of: "attempt to index a nil value (local 'a')". */
struct hilum_span mark_message(struct hilum_str code_line, long line, struct hilum_str message);

/* The call of what a traceback of Lua's names: "in function 'string.rep'". */
struct hilum_span mark_callee(struct hilum_str code_line, long line, struct hilum_str call);

#endif
