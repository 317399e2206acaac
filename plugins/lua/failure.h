/* Errors as diagnostics: a sentence, a place in the cell, a traceback with the lines of code. */
#ifndef LUA_FAILURE_H
#define LUA_FAILURE_H

#include "compile.h"
#include "session.h"

/* The message handler for lua_pcall: keeps Lua's traceback in the session. */
int failure_on_error(lua_State *L);

/* Reports the error object on the top of the main thread's stack. `source` is the cell, or NULL. */
void failure_report(struct hilum_session *session, const struct hilum_source *source, int status);

void failure_report_syntax(struct hilum_session *session, const struct hilum_source *source,
                           const struct syntax_error *error);

#endif
