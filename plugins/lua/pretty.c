#include "pretty.h"

#include "ffi/module.h"
#include "interrupt.h"
#include "keys.h"
#include "token.h"

#include <string.h>

enum {
    WIDTH = 80,
    INDENT = 2,
    TOP_STRING = 20000, /* bytes shown of a string that is the value itself, */
    INNER_STRING = 200, /* and of one in a table */
    MAX_DEPTH = 64,
};

struct printer {
    lua_State *L;
    const struct pretty_limits *limits;
    struct text *out;
    int depth;
    int budget; /* entries left for all tables together */
    const void *path[MAX_DEPTH];
};

static void print_value(struct printer *printer, int index);

static void add_escaped(struct text *out, unsigned char c, bool digit_follows)
{
    static const char named[] = "\aa\bb\ff\nn\rr\tt\vv\\\\\"\"";
    for (const char *pair = named; *pair; pair += 2) {
        if ((unsigned char)pair[0] == c) {
            text_printf(out, "\\%c", pair[1]);
            return;
        }
    }
    text_printf(out, digit_follows ? "\\%03d" : "\\%d", c);
}

void pretty_quoted(struct hilum_str string, size_t limit, struct text *out)
{
    const unsigned char *bytes = (const unsigned char *)string.data;
    size_t i = 0;
    text_puts(out, "\"");
    while (i < string.size && i < limit) {
        unsigned char c = bytes[i];
        size_t size = str_sequence_size((struct hilum_str){string.data + i, string.size - i});
        if (size == 0 || c < ' ' || c == 0x7F || c == '"' || c == '\\') {
            bool digit_follows = i + 1 < string.size && bytes[i + 1] >= '0' && bytes[i + 1] <= '9';
            add_escaped(out, c, digit_follows);
            size = 1;
        } else {
            text_add(out, string.data + i, size);
        }
        i += size;
    }
    text_puts(out, "\"");
    if (i < string.size)
        text_printf(out, "... (%zu bytes)", string.size);
}

static struct hilum_str string_at(lua_State *L, int index)
{
    struct hilum_str string;
    string.data = lua_tolstring(L, index, &string.size);
    return string;
}

/* Pushes the string key under which the table holds the value, if there is one. */
static bool find_in(lua_State *L, int table, int value)
{
    enum { LOOKED_AT = 5000 };
    int steps = 0;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        bool found = lua_type(L, -2) == LUA_TSTRING && lua_rawequal(L, -1, value);
        lua_pop(L, 1);
        if (found)
            return true;
        if (++steps == LOOKED_AT) {
            lua_pop(L, 1);
            return false;
        }
    }
    return false;
}

bool pretty_global_name(lua_State *L, int index)
{
    int value = lua_absindex(L, index), top = lua_gettop(L);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    int loaded = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, loaded)) {
        bool is_module = lua_type(L, -2) == LUA_TSTRING && lua_istable(L, -1);
        if (is_module && find_in(L, lua_gettop(L), value)) {
            const char *module = lua_tostring(L, -3), *name = lua_tostring(L, -1);
            if (strcmp(module, LUA_GNAME) == 0)
                lua_pushstring(L, name);
            else
                lua_pushfstring(L, "%s.%s", module, name);
            lua_replace(L, top + 1);
            lua_settop(L, top + 1);
            return true;
        }
        lua_pop(L, 1);
    }
    lua_settop(L, top);
    return false;
}

void pretty_signature(lua_State *L, int index, struct hilum_str name, struct text *out)
{
    lua_Debug facts;
    const char *parameter;
    lua_pushvalue(L, index);
    lua_getinfo(L, ">u", &facts);
    if (name.size)
        text_add(out, name.data, name.size);
    else
        text_puts(out, "function");
    text_puts(out, "(");
    for (int i = 1; i <= facts.nparams; i++) {
        lua_pushvalue(L, index);
        parameter = lua_getlocal(L, NULL, i);
        text_printf(out, "%s%s", i > 1 ? ", " : "", parameter ? parameter : "?");
    }
    if (facts.isvararg)
        text_puts(out, facts.nparams ? ", ..." : "...");
    text_puts(out, ")");
}

static void print_function(struct printer *printer, int index)
{
    lua_State *L = printer->L;
    lua_Debug facts;
    struct hilum_str name = {0};
    bool named = printer->depth == 0 && pretty_global_name(L, index);
    if (named)
        name = string_at(L, -1);
    lua_pushvalue(L, index);
    lua_getinfo(L, ">S", &facts);
    if (facts.what[0] == 'C') {
        text_puts(printer->out, "function: ");
        text_add(printer->out, named ? name.data : "builtin", named ? name.size : 7);
        text_puts(printer->out, named ? " (builtin)" : "");
    } else {
        if (named)
            text_puts(printer->out, "function: ");
        pretty_signature(L, index, name, printer->out);
        text_printf(printer->out, " (%s:%d)", facts.short_src, facts.linedefined);
    }
    if (named)
        lua_pop(L, 1);
}

/* Shows what __tostring gives. An error in it must not spoil the rest of the value. */
static void print_by_tostring(struct printer *printer, int index)
{
    lua_State *L = printer->L;
    lua_pushvalue(L, index);
    int status = lua_pcall(L, 1, 1, 0);
    if (session_of(L)->interrupted)
        interrupt_raise(L);
    struct hilum_str string = string_at(L, -1);
    if (status != LUA_OK)
        text_puts(printer->out, "<error in __tostring: ");
    if (string.data)
        text_add(printer->out, string.data, string.size);
    else
        text_printf(printer->out, "<__tostring gave a %s>", luaL_typename(L, -1));
    if (status != LUA_OK)
        text_puts(printer->out, ">");
    lua_pop(L, 1);
}

static void print_pointer(struct printer *printer, int index)
{
    lua_State *L = printer->L;
    size_t size;
    if (lua_islightuserdata(L, index) && !lua_touserdata(L, index)) {
        text_puts(printer->out, "null");
        return;
    }
    const char *string = luaL_tolstring(L, index, &size);
    text_add(printer->out, string, size);
    lua_pop(L, 1);
    if (lua_isthread(L, index)) {
        lua_State *thread = lua_tothread(L, index);
        lua_Debug frame;
        int status = lua_status(thread);
        bool fresh = status == LUA_OK && lua_gettop(thread) > 0;
        bool active = status == LUA_OK && lua_getstack(thread, 0, &frame);
        text_puts(printer->out, active                         ? " (running)"
                                : status == LUA_YIELD || fresh ? " (suspended)"
                                                               : " (dead)");
    }
}

static void print_key(struct printer *printer, int index)
{
    lua_State *L = printer->L;
    struct hilum_str name = {0};
    if (lua_type(L, index) == LUA_TSTRING)
        name = string_at(L, index);
    if (token_is_name(name)) {
        text_add(printer->out, name.data, name.size);
    } else {
        text_puts(printer->out, "[");
        if (lua_istable(L, index)) /* as a key, its identity counts */
            text_printf(printer->out, "table: %p", lua_topointer(L, index));
        else
            print_value(printer, index);
        text_puts(printer->out, "]");
    }
    text_puts(printer->out, " = ");
}

/* The entries of one table, one after the other in the printer's text. */
struct layout {
    size_t start;       /* of the first entry */
    const size_t *ends; /* where each entry ends */
    size_t count;
    size_t plain; /* entries, from the first on, that may share a line */
};

static bool fits_on_a_line(const struct printer *printer, const struct layout *layout)
{
    size_t size = printer->out->size - layout->start;
    return size + 2 * layout->count + 2 + (size_t)(printer->depth * INDENT) <= WIDTH &&
           !memchr(printer->out->data + layout->start, '\n', size);
}

/* Writes the separators: all on one line, or one entry per line with short ones sharing lines. */
static void lay_out(struct printer *printer, const struct layout *layout, struct text *into)
{
    size_t indent = (size_t)(printer->depth + 1) * INDENT, column = 0, start = layout->start;
    bool flat = fits_on_a_line(printer, layout);
    for (size_t i = 0; i < layout->count; i++) {
        size_t size = layout->ends[i] - start;
        bool shares = flat || (i > 0 && i < layout->plain && column + size + 3 <= WIDTH);
        if (i > 0)
            text_puts(into, shares ? ", " : ",");
        if (!shares) {
            text_puts(into, "\n");
            text_pad(into, indent);
            column = indent;
        }
        text_add(into, printer->out->data + start, size);
        column += size + 2;
        start = layout->ends[i];
    }
    if (!flat) {
        text_puts(into, "\n");
        text_pad(into, indent - INDENT);
    }
}

/* Replaces the entries in the printer's text by the laid out ones. */
static void arrange(struct printer *printer, const struct layout *layout)
{
    if (layout->count == 0 || printer->out->truncated)
        return;
    struct text arranged = {.limit = printer->out->limit};
    lay_out(printer, layout, &arranged);
    text_cut(printer->out, layout->start);
    text_add(printer->out, arranged.data, arranged.size);
    text_free(&arranged);
}

/* Prints entry `i` of those that `keys` names. */
static void print_entry(struct printer *printer, int table, const struct keys *keys, size_t i)
{
    lua_State *L = printer->L;
    if (i < keys->list) {
        lua_rawgeti(L, table, (lua_Integer)i + 1);
    } else {
        keys_push(L, keys, i - keys->list);
        print_key(printer, lua_gettop(L));
        lua_rawget(L, table);
    }
    print_value(printer, lua_gettop(L));
    lua_pop(L, 1);
}

/* The list's entries share lines as long as they are numbers, strings and the like. */
static size_t count_plain(lua_State *L, int table, size_t list)
{
    size_t count = 0;
    for (bool plain = true; plain && count < list; count += plain) {
        int type = lua_rawgeti(L, table, (lua_Integer)count + 1);
        plain =
            type == LUA_TNUMBER || type == LUA_TBOOLEAN || type == LUA_TSTRING || type == LUA_TNIL;
        lua_pop(L, 1);
    }
    return count;
}

static void print_entries(struct printer *printer, int table, const struct keys *keys)
{
    lua_State *L = printer->L;
    size_t total = keys->list + keys->count;
    /* On the Lua stack, so that an error frees it; one more entry says what was left out. */
    size_t *ends = lua_newuserdatauv(L, (total + 1) * sizeof(*ends), 0);
    struct layout layout = {printer->out->size, ends, 0, count_plain(L, table, keys->list)};
    printer->path[printer->depth++] = lua_topointer(L, table);
    while (layout.count < total && printer->budget > 0 && !printer->out->truncated) {
        printer->budget--;
        print_entry(printer, table, keys, layout.count);
        ends[layout.count++] = printer->out->size;
    }
    printer->depth--;
    if (layout.count < total || keys->is_cut) {
        if (layout.count == total && keys->more > 0)
            text_printf(printer->out, "... %lld more", keys->more);
        else
            text_puts(printer->out, "...");
        ends[layout.count++] = printer->out->size;
    }
    arrange(printer, &layout);
    lua_pop(L, 1);
}

/* Says why a table's entries cannot be shown, or NULL. */
static const char *obstacle(const struct printer *printer, const void *table)
{
    for (int i = 0; i < printer->depth; i++)
        if (printer->path[i] == table)
            return "{<cycle>}";
    if (printer->depth >= printer->limits->depth || printer->depth >= MAX_DEPTH)
        return "{...}";
    return NULL;
}

static void print_table(struct printer *printer, int table)
{
    lua_State *L = printer->L;
    struct keys keys;
    const char *instead = obstacle(printer, lua_topointer(L, table));
    if (luaL_getmetafield(L, table, "__name") != LUA_TNIL) {
        if (lua_type(L, -1) == LUA_TSTRING)
            text_printf(printer->out, "%s ", lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    bool empty = !lua_next(L, table);
    if (!empty)
        lua_pop(L, 2);
    if (instead || empty) {
        text_puts(printer->out, empty ? "{}" : instead);
        return;
    }
    luaL_checkstack(L, 12, "value is nested too deeply");
    keys_collect(L, table, (size_t)printer->limits->items, &keys);
    text_puts(printer->out, "{");
    print_entries(printer, table, &keys);
    text_puts(printer->out, "}");
    keys_pop(L);
}

static void print_value(struct printer *printer, int index)
{
    lua_State *L = printer->L;
    int type = lua_type(L, index);
    if (type == LUA_TUSERDATA &&
        ffi_show(L, index, printer->limits->items, printer->depth, printer->out)) {
        return;
    } else if (type != LUA_TSTRING && luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
        print_by_tostring(printer, index);
    } else if (type == LUA_TSTRING) {
        size_t limit = printer->depth == 0 ? TOP_STRING : INNER_STRING;
        pretty_quoted(string_at(L, index), limit, printer->out);
    } else if (type == LUA_TTABLE) {
        print_table(printer, index);
    } else if (type == LUA_TFUNCTION) {
        print_function(printer, index);
    } else {
        print_pointer(printer, index);
    }
}

void pretty_value(lua_State *L, int index, const struct pretty_limits *limits, struct text *out)
{
    struct printer printer = {.L = L, .limits = limits, .out = out, .budget = 10 * limits->items};
    print_value(&printer, lua_absindex(L, index));
}
