#include "json.h"

#include "interrupt.h"
#include "keys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH = 200, /* of values in values; clients' own parsers recurse */
    ENTRIES = 10 * 1000 * 1000,
};

/* The address is the registry key of the set of tables that are arrays. */
static const char arrays_key;

/* One table on the way to the current value. */
struct level {
    const void *table;
    const char *key; /* of the entry, or NULL: it is at `position` */
    lua_Integer position;
};

struct encoder {
    lua_State *L;
    struct text *out;
    int depth;
    struct level levels[DEPTH];
};

void json_open(lua_State *L)
{
    lua_newtable(L);
    lua_newtable(L);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &arrays_key);
}

void json_mark_array(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arrays_key);
    lua_pushvalue(L, index);
    lua_pushboolean(L, true);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static bool is_marked(lua_State *L, int index)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &arrays_key);
    lua_pushvalue(L, index);
    bool marked = lua_rawget(L, -2) != LUA_TNIL;
    lua_pop(L, 2);
    return marked;
}

/* Raises an error about the current value, with the way to it: "value.rows[3]". */
static void refuse(struct encoder *encoder, const char *sentence)
{
    lua_State *L = encoder->L;
    lua_pushliteral(L, "value");
    for (int i = 0; i < encoder->depth && i < 16; i++) {
        const struct level *level = &encoder->levels[i];
        if (level->key)
            lua_pushfstring(L, "%s.%s", lua_tostring(L, -1), level->key);
        else
            lua_pushfstring(L, "%s[%I]", lua_tostring(L, -1), (LUAI_UACINT)level->position);
        lua_replace(L, -2);
    }
    luaL_error(L, "%s (%s%s)", sentence, lua_tostring(L, -1), encoder->depth > 16 ? "..." : "");
}

static void refuse_type(struct encoder *encoder, const char *type)
{
    lua_pushfstring(encoder->L, "a %s has no JSON form", type);
    refuse(encoder, lua_tostring(encoder->L, -1));
}

static void add_string(struct text *out, struct hilum_str string)
{
    size_t start = 0, i = 0;
    text_puts(out, "\"");
    while (i < string.size) {
        unsigned char c = (unsigned char)string.data[i];
        struct hilum_str rest = {string.data + i, string.size - i};
        size_t size = c < 0x80 ? 1 : str_sequence_size(rest);
        if (size > 0 && c >= ' ' && c != '"' && c != '\\') {
            i += size;
            continue;
        }
        text_add(out, string.data + start, i - start);
        if (size == 0)
            text_puts(out, "\xEF\xBF\xBD");
        else if (c < ' ')
            text_printf(out, "\\u%04x", c);
        else
            text_printf(out, "\\%c", c);
        start = ++i;
    }
    text_add(out, string.data + start, string.size - start);
    text_puts(out, "\"");
}

static void add_number(struct encoder *encoder, int index)
{
    char digits[64];
    if (lua_isinteger(encoder->L, index)) {
        text_printf(encoder->out, LUA_INTEGER_FMT, (LUAI_UACINT)lua_tointeger(encoder->L, index));
        return;
    }
    double number = (double)lua_tonumber(encoder->L, index);
    if (!isfinite(number))
        refuse(encoder, "nan and inf have no JSON form, use display.null");
    if (number == 0 && signbit(number)) { /* "-0" would come back as the integer 0 */
        text_puts(encoder->out, "-0.0");
        return;
    }
    snprintf(digits, sizeof(digits), "%.14g", number);
    if (strtod(digits, NULL) != number)
        snprintf(digits, sizeof(digits), "%.17g", number);
    char *comma = strchr(digits, ','); /* os.setlocale */
    if (comma)
        *comma = '.';
    text_puts(encoder->out, digits);
}

static void encode(struct encoder *encoder, int index);

static void enter(struct encoder *encoder, int table)
{
    const void *pointer = lua_topointer(encoder->L, table);
    for (int i = 0; i < encoder->depth; i++)
        if (encoder->levels[i].table == pointer)
            refuse(encoder, "a table that contains itself has no JSON form");
    if (encoder->depth == DEPTH)
        refuse(encoder, "the value is nested too deeply for JSON");
    encoder->levels[encoder->depth++] = (struct level){.table = pointer};
}

/* Long tables take a while. */
static void check_interrupt(const struct encoder *encoder)
{
    if (session_of(encoder->L)->interrupted)
        interrupt_raise(encoder->L);
}

static void encode_array(struct encoder *encoder, int table, size_t count)
{
    lua_State *L = encoder->L;
    text_puts(encoder->out, "[");
    for (size_t i = 1; i <= count && !encoder->out->truncated; i++) {
        check_interrupt(encoder);
        encoder->levels[encoder->depth - 1].position = (lua_Integer)i;
        if (i > 1)
            text_puts(encoder->out, ",");
        lua_rawgeti(L, table, (lua_Integer)i);
        encode(encoder, lua_gettop(L));
        lua_pop(L, 1);
    }
    text_puts(encoder->out, "]");
}

static void refuse_key(struct encoder *encoder, int key)
{
    encoder->depth--; /* the fault is the table's */
    lua_pushfstring(encoder->L,
                    "a table with a key %s that is neither a string nor part of a list has no "
                    "JSON form",
                    luaL_tolstring(encoder->L, key, NULL));
    refuse(encoder, lua_tostring(encoder->L, -1));
}

static void encode_object(struct encoder *encoder, int table, const struct keys *keys)
{
    lua_State *L = encoder->L;
    text_puts(encoder->out, "{");
    for (size_t i = 0; i < keys->count && !encoder->out->truncated; i++) {
        struct hilum_str key;
        check_interrupt(encoder);
        keys_push(L, keys, i);
        if (lua_type(L, -1) != LUA_TSTRING)
            refuse_key(encoder, -1);
        key.data = lua_tolstring(L, -1, &key.size);
        encoder->levels[encoder->depth - 1].key = key.data;
        if (i > 0)
            text_puts(encoder->out, ",");
        add_string(encoder->out, key);
        text_puts(encoder->out, ":");
        lua_pushvalue(L, -1);
        lua_rawget(L, table);
        encode(encoder, lua_gettop(L));
        lua_pop(L, 2);
    }
    text_puts(encoder->out, "}");
}

static void encode_table(struct encoder *encoder, int table)
{
    lua_State *L = encoder->L;
    struct keys keys;
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    keys_collect(L, table, ENTRIES, &keys);
    if (keys.is_cut)
        refuse(encoder, "the table has too many entries for JSON");
    bool is_array = keys.list > 0 || is_marked(L, table);
    if (is_array && keys.count > 0)
        refuse(encoder, "a table with a list and other keys has no JSON form");
    enter(encoder, table);
    if (is_array)
        encode_array(encoder, table, keys.list);
    else
        encode_object(encoder, table, &keys);
    encoder->depth--;
    keys_pop(L);
}

static void encode(struct encoder *encoder, int index)
{
    lua_State *L = encoder->L;
    struct hilum_str string;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        text_puts(encoder->out, "null");
        break;
    case LUA_TBOOLEAN:
        text_puts(encoder->out, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        add_number(encoder, index);
        break;
    case LUA_TSTRING:
        string.data = lua_tolstring(L, index, &string.size);
        add_string(encoder->out, string);
        break;
    case LUA_TTABLE:
        encode_table(encoder, index);
        break;
    default:
        if (!lua_islightuserdata(L, index) || lua_touserdata(L, index))
            refuse_type(encoder, luaL_typename(L, index));
        text_puts(encoder->out, "null");
    }
}

void json_encode(lua_State *L, int index, struct text *out)
{
    struct encoder encoder = {.L = L, .out = out};
    encode(&encoder, lua_absindex(L, index));
}

void json_encode_object(lua_State *L, int index, struct text *out)
{
    index = lua_absindex(L, index);
    if (lua_rawlen(L, index) > 0 || is_marked(L, index))
        luaL_error(L, "metadata must have string keys, not a list");
    json_encode(L, index, out);
}
