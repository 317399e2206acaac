#include "complete.h"

#include "complete_string.h"
#include "ffi/module.h"
#include "interrupt.h"
#include "path.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOOKED_AT = 100000, /* entries of one table that are visited */
    PARENTS = 16,       /* __index tables that are followed */
    OFFERED = 2000,
};

/* One completion under way. Item texts belong to the code, to this file or to keys of tables. */
struct search {
    struct tokens tokens;
    struct hilum_str prefix;
    size_t start;
    size_t end;
    bool methods_only;
    bool any_string; /* keys need not be names */
    struct hilum_completion *items;
    size_t count;
    size_t room;
    struct text names; /* of files */
};

static void offer(struct search *search, struct hilum_str text, const char *type)
{
    struct hilum_str prefix = search->prefix;
    if (text.size < prefix.size || search->count == OFFERED ||
        (prefix.size && memcmp(text.data, prefix.data, prefix.size) != 0))
        return;
    /* Names that begin with an underscore are offered to those who ask for them. */
    if (text.size && text.data[0] == '_' && prefix.size == 0 && !search->any_string)
        return;
    if (search->count == search->room) {
        size_t room = search->room ? search->room * 2 : 64;
        struct hilum_completion *items = realloc(search->items, room * sizeof(*items));
        if (!items)
            return;
        search->items = items;
        search->room = room;
    }
    search->items[search->count++] = (struct hilum_completion){text, str_of(type)};
}

static bool is_module(lua_State *L, int value)
{
    int top = lua_gettop(L);
    bool is_table = lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE) == LUA_TTABLE;
    bool found = false;
    lua_pushnil(L);
    while (is_table && !found && lua_next(L, -2)) {
        found = lua_rawequal(L, -1, value);
        lua_pop(L, 1);
    }
    lua_settop(L, top);
    return found;
}

static const char *type_of(lua_State *L, int value, const char *plain, bool method)
{
    if (lua_isfunction(L, value))
        return method ? "method" : "function";
    if (lua_istable(L, value) && is_module(L, value))
        return "module";
    return plain;
}

static bool is_callable(lua_State *L, int value)
{
    if (lua_isfunction(L, value))
        return true;
    bool callable = luaL_getmetafield(L, value, "__call") != LUA_TNIL;
    if (callable)
        lua_pop(L, 1);
    return callable;
}

/* May the string be used as it is, where the search looks? A reply cannot hold what is not UTF-8. */
static bool is_usable(const struct search *search, struct hilum_str key)
{
    if (!search->any_string)
        return token_is_name(key);
    while (key.size) {
        size_t size = str_sequence_size(key);
        if (!size || (unsigned char)key.data[0] < ' ' || strchr("\\\"'", key.data[0]))
            return false;
        key.data += size;
        key.size -= size;
    }
    return true;
}

/* Offers the string keys of the table on the top. */
static void offer_keys(lua_State *L, struct search *search, const char *plain)
{
    int steps = 0;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        int value = lua_gettop(L);
        struct hilum_str key = {0};
        if (lua_type(L, -2) == LUA_TSTRING)
            key.data = lua_tolstring(L, -2, &key.size);
        if (key.data && is_usable(search, key) && (!search->methods_only || is_callable(L, value)))
            offer(search, key, type_of(L, value, plain, search->methods_only));
        lua_pop(L, 1);
        if (++steps == LOOKED_AT) {
            lua_pop(L, 1);
            return;
        }
    }
}

static void offer_member(void *context, const char *name, const char *kind)
{
    struct search *search = context;
    if (!search->methods_only || strcmp(kind, "method") == 0)
        offer(search, str_of(name), kind);
}

/* Offers what the object of ffi on the top can be indexed with; the keys of its methods stay. */
static void offer_members(lua_State *L, struct search *search)
{
    ffi_each_member(L, -1, offer_member, search);
    if (ffi_push_methods(L, -1))
        offer_keys(L, search, "field");
}

/* Offers what can be reached from the value on the top, which stays on the stack: the keys must. */
static void offer_fields(lua_State *L, struct search *search, const char *plain)
{
    if (ffi_is_object(L, -1)) {
        offer_members(L, search);
        return;
    }
    for (int i = 0; i < PARENTS; i++) {
        if (lua_istable(L, -1))
            offer_keys(L, search, plain);
        lua_pushvalue(L, -1);
        if (!path_up(L))
            return;
    }
}

/* Offers the names that the cell itself uses; most of those that are no globals are locals. */
static void offer_names(struct search *search)
{
    const struct tokens *tokens = &search->tokens;
    for (size_t i = 0; i < tokens->count; i++) {
        bool field = i > 0 && (token_is(tokens, i - 1, ".") || token_is(tokens, i - 1, ":"));
        if (tokens->items[i].kind == TOKEN_NAME && !field &&
            tokens->items[i].start != search->start)
            offer(search, token_text(tokens, i), "local");
    }
}

static void offer_globals(lua_State *L, struct search *search)
{
    lua_pushglobaltable(L);
    offer_fields(L, search, "variable");
    for (const char *const *keyword = token_keywords; *keyword; keyword++)
        offer(search, str_of(*keyword), "keyword");
    offer_names(search);
}

/* For what comes from outside: only what can stand in a string as it is. */
static void offer_string(void *context, struct hilum_str text, const char *type)
{
    struct search *search = context;
    if (is_usable(search, text))
        offer(search, text, type);
}

/* The cursor is in a string that has no end yet: a key in brackets, t["ke, a module, or a file. */
static void search_in_string(lua_State *L, struct search *search)
{
    const struct tokens *tokens = &search->tokens;
    size_t count = tokens->count;
    const struct token *last = &tokens->items[count - 1];
    if (last->kind != TOKEN_STRING)
        return;
    search->start = last->start + 1;
    search->prefix =
        (struct hilum_str){tokens->code.data + search->start, search->end - search->start};
    search->any_string = true;
    if (!is_usable(search, search->prefix))
        return;
    if (count >= 3 && token_is(tokens, count - 2, "[")) {
        if (path_push(L, tokens, count - 3))
            offer_fields(L, search, "key");
    } else if (token_is(tokens, count - 2, "require") ||
               (token_is(tokens, count - 2, "(") && token_is(tokens, count - 3, "require"))) {
        complete_module(L, search->prefix, &search->names, offer_string, search);
    } else {
        complete_file(L, search->prefix, &search->names, offer_string, search);
    }
}

/* Sets start and prefix, and *count to the tokens before the word that the cursor ends. */
static void find_word(struct search *search, size_t *count)
{
    const struct tokens *tokens = &search->tokens;
    *count = tokens->count;
    search->start = search->end;
    if (tokens->count == 0)
        return;
    const struct token *last = &tokens->items[tokens->count - 1];
    if (last->end == search->end && (last->kind == TOKEN_NAME || last->kind == TOKEN_KEYWORD)) {
        search->start = last->start;
        search->prefix = token_text(tokens, tokens->count - 1);
        *count = tokens->count - 1;
    }
}

static void search_in_code(lua_State *L, struct search *search)
{
    const struct tokens *tokens = &search->tokens;
    size_t count;
    if (tokens->count > 0) {
        const struct token *last = &tokens->items[tokens->count - 1];
        if (last->unfinished && last->end == search->end) {
            search_in_string(L, search);
            return;
        }
        if (last->kind == TOKEN_NUMBER && last->end == search->end)
            return;
    }
    find_word(search, &count);
    bool method = count > 0 && token_is(tokens, count - 1, ":");
    if (!method && !(count > 0 && token_is(tokens, count - 1, "."))) {
        offer_globals(L, search);
    } else if (count >= 2 && path_push(L, tokens, count - 2)) {
        search->methods_only = method;
        offer_fields(L, search, "field");
    }
}

static int compare(const void *first, const void *second)
{
    const struct hilum_str *a = &((const struct hilum_completion *)first)->text;
    const struct hilum_str *b = &((const struct hilum_completion *)second)->text;
    size_t size = a->size < b->size ? a->size : b->size;
    int order = size ? memcmp(a->data, b->data, size) : 0;
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

/* Sorts and drops what was found twice, as in a table and in its parent. */
static void tidy(struct search *search)
{
    size_t kept = 0;
    if (search->count == 0)
        return;
    qsort(search->items, search->count, sizeof(*search->items), compare);
    for (size_t i = 0; i < search->count; i++)
        if (kept == 0 || !str_equal(search->items[kept - 1].text, search->items[i].text))
            search->items[kept++] = search->items[i];
    search->count = kept;
}

static int search_protected(lua_State *L)
{
    struct search *search = lua_touserdata(L, 1);
    const struct hilum_host *host = session_of(L)->host;
    luaL_checkstack(L, 2 * PARENTS + 16, NULL);
    if (!search->tokens.in_comment)
        search_in_code(L, search);
    tidy(search);
    /* While the tables are still on the stack: they hold the texts. */
    host->completions(host, search->start, search->end, search->items, search->count);
    return 0;
}

enum hilum_status complete_code(struct hilum_session *session, struct hilum_str code, size_t cursor)
{
    struct search search = {.start = cursor, .end = cursor};
    enum hilum_status status = HILUM_OK;
    interrupt_begin(session);
    bool failed = tokens_read(&search.tokens, (struct hilum_str){code.data, cursor}) &&
                  session_protect(session->main, search_protected, &search) != LUA_OK;
    if (interrupt_end(session))
        status = HILUM_INTERRUPTED;
    else if (failed)
        session->host->log(session->host, HILUM_LOG_WARNING,
                           str_of("completion failed for lack of memory"));
    lua_settop(session->main, 0);
    tokens_free(&search.tokens);
    text_free(&search.names);
    free(search.items);
    return status;
}
