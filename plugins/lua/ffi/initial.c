#include "initial.h"

#include "convert.h"
#include "fault.h"

#include <string.h>

bool initial_string(lua_State *L, const struct ctype *type, void *to, size_t size, int index)
{
    size_t given;
    if (!ctype_is_byte(type->inner))
        return false;
    const char *string = lua_tolstring(L, index, &given);
    memcpy(to, string, given + 1 < size ? given + 1 : size);
    return true;
}

static void store(struct ffi *ffi, lua_State *L, const struct ctype *type, const char *alias,
                  void *to, int index)
{
    if (!convert_store(ffi, L, type, to, index, false))
        fault_conversion(L, type, alias, index);
}

static void store_member(struct ffi *ffi, lua_State *L, const struct cfield *field, void *record,
                         size_t size, int index)
{
    if (field->is_bit_field) {
        if (!convert_store_bits(ffi, L, field, record, index))
            fault_conversion(L, field->type, field->alias, index);
        return;
    }
    void *to = (char *)record + field->offset;
    if (field->type->kind == CTYPE_ARRAY && field->type->extent != CTYPE_FIXED) {
        size_t room = size - field->offset;
        if (lua_istable(L, index))
            initial_table(ffi, L, field->type, to, room, index);
        else if (lua_type(L, index) != LUA_TSTRING ||
                 !initial_string(L, field->type, to, room, index))
            fault_conversion(L, field->type, field->alias, index);
        return;
    }
    store(ffi, L, field->type, field->alias, to, index);
}

static int too_many(lua_State *L, const struct ctype *type)
{
    return fault(L, "too many initial values for %t", type);
}

/* One value for all elements. */
static void fill(const struct ctype *element, char *to, size_t count)
{
    size_t each = ctype_size(element);
    for (size_t i = 1; i < count; i++)
        memcpy(to + i * each, to, each);
}

/* The first index of a table that is used as a list: 0 or 1; -1: there is none. */
static int list_start(lua_State *L, int table)
{
    int start = -1;
    for (int i = 0; i < 2 && start < 0; i++) {
        if (lua_rawgeti(L, table, i) != LUA_TNIL)
            start = i;
        lua_pop(L, 1);
    }
    return start;
}

static void array_from_table(struct ffi *ffi, lua_State *L, const struct ctype *type, char *to,
                             size_t size, int table)
{
    const struct ctype *element = type->inner;
    size_t each = ctype_size(element), room = each ? size / each : 0, count = 0;
    int start = list_start(L, table);
    if (start < 0)
        return;
    while (lua_rawgeti(L, table, (lua_Integer)count + start) != LUA_TNIL) {
        if (count == room)
            too_many(L, type);
        store(ffi, L, element, NULL, to + count * each, -1);
        lua_pop(L, 1);
        count++;
    }
    lua_pop(L, 1);
    if (count == 1)
        fill(element, to, room);
}

static void record_from_table(struct ffi *ffi, lua_State *L, const struct ctype *type, char *to,
                              size_t size, int table, int *next);

/* Takes the next value of the list, or the one with the member's name. */
static void member_from_table(struct ffi *ffi, lua_State *L, const struct cfield *field, char *to,
                              size_t size, int table, int *next)
{
    if (!field->name && !field->is_bit_field) {
        record_from_table(ffi, L, field->type, to + field->offset, size - field->offset, table,
                          next);
        return;
    }
    if (!field->name)
        return;
    if (*next >= 0)
        lua_rawgeti(L, table, *next);
    else
        lua_getfield(L, table, field->name);
    if (!lua_isnil(L, -1)) {
        store_member(ffi, L, field, to, size, -1);
        if (*next >= 0)
            ++*next;
    }
    lua_pop(L, 1);
}

static void record_from_table(struct ffi *ffi, lua_State *L, const struct ctype *type, char *to,
                              size_t size, int table, int *next)
{
    for (const struct cfield *field = type->plain->fields; field; field = field->next) {
        if (field->is_constant)
            continue;
        member_from_table(ffi, L, field, to, size, table, next);
        if (type->plain->is_union && *next >= 0)
            break;
    }
}

static bool has_member(const struct ctype *type, lua_State *L, int key)
{
    size_t size, offset;
    if (lua_type(L, key) != LUA_TSTRING)
        return false;
    const char *name = lua_tolstring(L, key, &size);
    const struct cfield *field = ctype_field(type, name, size, &offset);
    return field && !field->is_constant;
}

/* A name that is no member is a mistake rather than a wish to have it ignored. */
static void check_keys(lua_State *L, const struct ctype *type, int table)
{
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (!has_member(type, L, -2)) {
            const char *key = luaL_tolstring(L, -2, NULL);
            fault(L, "%t has no member `%s`", type, key);
        }
        lua_pop(L, 1);
    }
}

void initial_table(struct ffi *ffi, lua_State *L, const struct ctype *type, void *to, size_t size,
                   int index)
{
    int table = lua_absindex(L, index);
    luaL_checkstack(L, 8, "initial value is nested too deeply");
    if (type->kind == CTYPE_ARRAY) {
        array_from_table(ffi, L, type, to, size, table);
        return;
    }
    int next = list_start(L, table), start = next;
    if (next < 0)
        check_keys(L, type, table);
    record_from_table(ffi, L, type, to, size, table, &next);
    if (start >= 0 && lua_rawgeti(L, table, next) != LUA_TNIL)
        too_many(L, type);
    lua_pop(L, start >= 0);
}

static void array_from_values(struct ffi *ffi, lua_State *L, const struct ctype *type, char *to,
                              size_t size, int first)
{
    const struct ctype *element = type->inner;
    size_t each = ctype_size(element), room = each ? size / each : 0;
    size_t count = (size_t)(lua_gettop(L) - first + 1);
    if (count > room && !(count == 1 && room == 0))
        too_many(L, type);
    for (size_t i = 0; i < count && i < room; i++)
        store(ffi, L, element, NULL, to + i * each, first + (int)i);
    if (count == 1)
        fill(element, to, room);
}

static void record_from_values(struct ffi *ffi, lua_State *L, const struct ctype *type, char *to,
                               size_t size, int *next)
{
    int top = lua_gettop(L);
    for (const struct cfield *field = type->plain->fields; field && *next <= top;
         field = field->next) {
        if (field->is_constant)
            continue;
        if (field->name)
            store_member(ffi, L, field, to, size, (*next)++);
        else if (!field->is_bit_field)
            record_from_values(ffi, L, field->type, to + field->offset, size - field->offset, next);
        if (type->plain->is_union)
            break;
    }
}

/* Is the only value one for the whole, and not for its first element? */
static bool is_whole(lua_State *L, const struct ctype *type, int index)
{
    const struct cdata *cdata = cdata_at(L, index);
    if (cdata)
        return ctype_same(cdata->type, type);
    return lua_istable(L, index) || (lua_type(L, index) == LUA_TSTRING &&
                                     type->kind == CTYPE_ARRAY && ctype_is_byte(type->inner));
}

static void from_whole(struct ffi *ffi, lua_State *L, const struct ctype *type, void *to,
                       size_t size, int index)
{
    const struct cdata *cdata = cdata_at(L, index);
    if (cdata)
        memcpy(to, cdata->address, cdata->size < size ? cdata->size : size);
    else if (lua_istable(L, index))
        initial_table(ffi, L, type, to, size, index);
    else
        initial_string(L, type, to, size, index);
}

void initial_values(struct ffi *ffi, lua_State *L, const struct ctype *type, void *to, size_t size,
                    int first)
{
    int count = lua_gettop(L) - first + 1;
    if (count <= 0)
        return;
    bool is_aggregate = type->kind == CTYPE_ARRAY || type->kind == CTYPE_RECORD;
    if (count == 1 && is_aggregate && is_whole(L, type, first)) {
        from_whole(ffi, L, type, to, size, first);
    } else if (type->kind == CTYPE_ARRAY) {
        array_from_values(ffi, L, type, to, size, first);
    } else if (type->kind == CTYPE_RECORD) {
        record_from_values(ffi, L, type, to, size, &first);
        if (first <= lua_gettop(L))
            too_many(L, type);
    } else if (count > 1) {
        too_many(L, type);
    } else {
        store(ffi, L, type, NULL, to, first);
    }
}
