#include "keys.h"

#include <stdlib.h>
#include <string.h>

enum { LOOKED_AT = 10000 }; /* entries of a table that are visited */

/* What a key is sorted by. */
struct key {
    int rank; /* numbers, strings, anything else */
    double number;
    const char *data;
    size_t size;
    lua_Integer slot; /* where the holder table has it */
};

static struct key key_at(lua_State *L, int index, lua_Integer slot)
{
    struct key key = {.rank = 2, .slot = slot};
    if (lua_type(L, index) == LUA_TNUMBER) {
        key.rank = 0;
        key.number = (double)lua_tonumber(L, index);
    } else if (lua_type(L, index) == LUA_TSTRING) {
        key.rank = 1;
        key.data = lua_tolstring(L, index, &key.size);
    }
    return key;
}

static int compare(const void *first, const void *second)
{
    const struct key *a = first, *b = second;
    if (a->rank != b->rank)
        return a->rank - b->rank;
    if (a->rank == 0 && a->number != b->number)
        return a->number < b->number ? -1 : 1;
    if (a->rank == 1) {
        int order = memcmp(a->data, b->data, a->size < b->size ? a->size : b->size);
        if (order != 0 || a->size != b->size)
            return order != 0 ? order : (a->size < b->size ? -1 : 1);
    }
    return a->slot < b->slot ? -1 : a->slot > b->slot;
}

static bool is_in_list(lua_State *L, int index, lua_Unsigned length)
{
    return lua_isinteger(L, index) && (lua_Unsigned)lua_tointeger(L, index) - 1 < length;
}

/* Stores at most `limit` keys outside the list in the holder on the top. Returns how many there
 * are, or -1 when the search was cut. */
static long long gather(lua_State *L, int table, lua_Unsigned length, struct keys *keys,
                        size_t limit)
{
    long long found = 0;
    /* A long list is passed in one step: lua_next can begin behind its last element. */
    if (length > LOOKED_AT)
        lua_pushinteger(L, (lua_Integer)length);
    else
        lua_pushnil(L);
    for (int steps = 0; lua_next(L, table); steps++) {
        lua_pop(L, 1);
        if (steps == LOOKED_AT + (int)limit) {
            lua_pop(L, 1);
            return -1;
        }
        if (is_in_list(L, -1, length))
            continue;
        found++;
        if (keys->count < limit) {
            lua_pushvalue(L, -1);
            lua_rawseti(L, keys->holder, (lua_Integer)++keys->count);
        }
    }
    return found;
}

void keys_collect(lua_State *L, int table, size_t limit, struct keys *keys)
{
    lua_Unsigned length = lua_rawlen(L, table);
    *keys = (struct keys){.list = length < limit ? (size_t)length : limit};
    lua_newtable(L);
    keys->holder = lua_gettop(L);
    long long found = gather(L, table, length, keys, limit - keys->list);
    struct key *order = lua_newuserdatauv(L, keys->count * sizeof(*order) + 1, 0);
    for (size_t i = 0; i < keys->count; i++) {
        lua_rawgeti(L, keys->holder, (lua_Integer)i + 1);
        order[i] = key_at(L, -1, (lua_Integer)i + 1);
        lua_pop(L, 1);
    }
    qsort(order, keys->count, sizeof(*order), compare);
    keys->order = order;
    long long total = found < 0 ? -1 : (long long)length + found;
    long long shown = (long long)(keys->list + keys->count);
    keys->is_cut = total != shown;
    keys->more = total > shown ? total - shown : 0;
}

void keys_push(lua_State *L, const struct keys *keys, size_t position)
{
    lua_rawgeti(L, keys->holder, keys->order[position].slot);
}

void keys_pop(lua_State *L)
{
    lua_pop(L, 2);
}
