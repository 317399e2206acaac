/*
 * Interrupts: a signal handler plants a debug hook in the running Lua thread, and the hook raises
 * an error at the next instruction. It goes on raising until the cell has ended, so no pcall in a
 * loop survives it. Hooks belong to threads, so the session keeps track of which one runs.
 */
#ifndef LUA_INTERRUPT_H
#define LUA_INTERRUPT_H

#include "session.h"

/* Prepares the session: the object that interrupts raise. May raise lack of memory. */
void interrupt_open(lua_State *L);

/* Brackets everything that runs for a request. interrupt_end says whether it was interrupted, and
 * takes the hooks away. */
void interrupt_begin(struct hilum_session *session);
bool interrupt_end(struct hilum_session *session);

/* Strikes the running thread. Async-signal-safe. */
void interrupt_now(struct hilum_session *session);

/* Raises the interrupt's error; for C functions that learn of an interrupt themselves. */
int interrupt_raise(lua_State *L);

/* For load, which has no session that could be interrupted yet: looks at host->cancelled from time
 * to time while Lua code runs. */
void interrupt_poll(struct hilum_session *session);

/* lua_resume and lua_resetthread that know which thread runs. They never raise. */
int interrupt_resume(lua_State *L, lua_State *thread, int arguments, int *results);
int interrupt_reset(lua_State *L, lua_State *thread);

#endif
