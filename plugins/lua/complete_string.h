/* What a string in code may become: the name of a module behind `require`, else that of a file. */
#ifndef LUA_COMPLETE_STRING_H
#define LUA_COMPLETE_STRING_H

#include "text.h"

#include <lua.h>

/* Takes a text that the string may become; it is valid as long as the stack is left as it is. */
typedef void complete_offer(void *context, struct hilum_str text, const char *type);

/*
 * Offer what goes on what was `typed`. They read folders, and so may block; push values that hold the
 * texts; and may raise lack of memory. `names` is the caller's, who frees it also in that case.
 */
void complete_module(lua_State *L, struct hilum_str typed, struct text *names,
                     complete_offer *offer, void *context);
void complete_file(lua_State *L, struct hilum_str typed, struct text *names, complete_offer *offer,
                   void *context);

#endif
