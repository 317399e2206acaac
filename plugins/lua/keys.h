/* The keys of a table in the order in which people look for them, within bounds of time. */
#ifndef LUA_KEYS_H
#define LUA_KEYS_H

#include <lua.h>

#include <stdbool.h>
#include <stddef.h>

struct keys {
    size_t list;             /* first come the entries 1 to `list` of the list part, */
    size_t count;            /* then this many other keys, sorted */
    bool is_cut;             /* there are more entries than these */
    long long more;          /* how many, when that is known; else 0 */
    const struct key *order; /* for keys_push: lives on the Lua stack, above `holder` */
    int holder;
};

/* Collects at most `limit` keys of the table at `table`, an absolute index. Pushes two values that
 * hold what `keys` needs; keys_pop removes them. Raises on lack of memory only. */
void keys_collect(lua_State *L, int table, size_t limit, struct keys *keys);
void keys_pop(lua_State *L);

/* Pushes the sorted key `position`, from 0. */
void keys_push(lua_State *L, const struct keys *keys, size_t position);

#endif
