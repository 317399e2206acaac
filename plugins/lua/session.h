/* A session: one Lua state and what the kernel needs to know beside it. */
#ifndef LUA_SESSION_H
#define LUA_SESSION_H

#include "memory.h"
#include "pretty.h"
#include "source.h"
#include "text.h"

#include <hilum/evaluator.h>

#include <lua.h>
#include <lauxlib.h>

#include <signal.h>
#include <stdio.h>

/* io.stdin, io.stdout and io.stderr: C streams that lead to the host (console.c). */
struct console {
    FILE *in;
    FILE *out;
    FILE *err;
    struct text typed; /* a line from the user; what io.stdin has not taken yet begins at `taken` */
    size_t taken;
    bool unavailable;    /* the running read found that nobody can be asked */
    bool line_continues; /* the next warning piece belongs to the line before */
    bool warnings;       /* warn("@on") */
    bool alone;          /* since the last print only Lua ran, and functions that print nothing */
    bool foreign;        /* functions in C may be called that are none of Lua's own */
};

struct hilum_session {
    const struct hilum_host *host;
    lua_State *main;

    /* The thread that runs now, main or a coroutine: where an interrupt has to strike. */
    lua_State *volatile running;
    volatile sig_atomic_t interrupted;
    int calls;      /* functions called, while unchanged_watch counts them */
    bool cell_runs; /* otherwise there is nowhere to display */

    struct memory memory;
    struct console console;
    struct sources sources;
    struct pretty_limits limits;
    struct text trace; /* Lua's traceback of the error that is on its way up */
};

/* The session that a Lua thread belongs to. Threads inherit the pointer when they are made. */
static inline struct hilum_session *session_of(lua_State *L)
{
    return *(struct hilum_session **)lua_getextraspace(L);
}

/* Calls function(context) with its errors caught, since an uncaught one, be it lack of memory,
 * would end the worker. Returns Lua's status; on failure the error object is on the stack. */
static inline int session_protect(lua_State *L, lua_CFunction function, void *context)
{
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, context);
    return lua_pcall(L, 1, 0, 0);
}

#endif
