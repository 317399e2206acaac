/*
 * Lua's allocator. It knows what Lua holds and, while a cell runs, refuses what would be more than the
 * session may hold, so that this is Lua's ordinary "not enough memory".
 */
#ifndef LUA_MEMORY_H
#define LUA_MEMORY_H

#include <hilum/evaluator.h>

#include <lua.h>

#include <stdbool.h>
#include <stddef.h>

struct memory {
    size_t held;    /* by Lua, with what the C library needs for it */
    size_t limit;   /* 0: none */
    size_t most;    /* that it held in this cell */
    size_t asked;   /* what was refused last, in this cell; 0: nothing */
    size_t had;     /* what it held then */
    bool by_system; /* and it was not us who refused */
};

/* Puts the allocator in place of the one that L has, which must be the C library's. */
void memory_open(lua_State *L, struct memory *memory);

/* Around a cell. Cells that begin near the limit may take a little more, to clean up. */
void memory_begin(lua_State *L, struct memory *memory, const struct hilum_host *host);
void memory_end(struct memory *memory);

#endif
