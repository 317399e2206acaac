#include "inspect.h"

#include "ffi/module.h"
#include "interrupt.h"
#include "manual.h"
#include "path.h"
#include "token.h"

#include <string.h>

enum {
    SOURCE_LINES = 400, /* shown of a function */
    TEXT_BYTES = 64 * 1024,
};

/* One inspection. The two texts say the same. */
struct inspection {
    struct tokens tokens;
    size_t cursor;
    int detail_level;
    struct text part; /* what is being collected for both */
    struct text plain;
    struct text markdown;
};

/* What is known of a function, apart from its value. */
struct facts {
    struct hilum_str code; /* of the chunk; data is NULL when it is not known */
    char place[LUA_IDSIZE];
    long first;
    long last;
};

static struct facts facts_of(lua_State *L, int function)
{
    struct facts facts = {0};
    lua_Debug debug;
    lua_pushvalue(L, function);
    lua_getinfo(L, ">S", &debug);
    if (debug.what[0] == 'C')
        return facts;
    facts.code = sources_find(&session_of(L)->sources, debug.source);
    memcpy(facts.place, debug.short_src, sizeof(facts.place));
    facts.first = debug.linedefined;
    facts.last = debug.lastlinedefined;
    return facts;
}

static struct hilum_str trim(struct hilum_str line)
{
    while (line.size && (line.data[0] == ' ' || line.data[0] == '\t')) {
        line.data++;
        line.size--;
    }
    return line;
}

static bool is_comment(struct hilum_str line)
{
    line = trim(line);
    return line.size >= 2 && memcmp(line.data, "--", 2) == 0;
}

/* Adds the comment lines right above the function. */
static void add_comment(const struct facts *facts, struct text *out)
{
    long first = facts->first;
    while (facts->code.data && first > 1 && is_comment(source_line(facts->code, first - 1)))
        first--;
    for (long i = first; i < facts->first; i++) {
        struct hilum_str line = trim(source_line(facts->code, i));
        while (line.size && line.data[0] == '-') {
            line.data++;
            line.size--;
        }
        line = trim(line);
        text_add(out, line.data, line.size);
        text_puts(out, "\n");
    }
}

/* Adds the function's lines. */
static void add_source(const struct facts *facts, struct text *out)
{
    long last = facts->last;
    if (last - facts->first >= SOURCE_LINES)
        last = facts->first + SOURCE_LINES - 1;
    for (long i = facts->first; facts->code.data && i <= last; i++) {
        struct hilum_str line = source_line(facts->code, i);
        text_add(out, line.data, line.size);
        text_puts(out, "\n");
    }
    if (last < facts->last)
        text_puts(out, "...\n");
}

/* The entry of the manual for the function, found by value: other names for it work too. */
static const struct manual_entry *find_manual(lua_State *L, int function)
{
    int top = lua_gettop(L);
    if (!lua_iscfunction(L, function))
        return NULL;
    for (const struct manual_entry *entry = manual_entries; entry->name; entry++) {
        bool found = manual_push(L, entry) && lua_rawequal(L, -1, function);
        lua_settop(L, top);
        if (found)
            return entry;
    }
    return NULL;
}

/* Moves what was collected in `part` to both texts, in one of them as code of this language, or as
 * text when it is NULL. */
static void add_part(struct inspection *inspection, const char *language)
{
    struct text *part = &inspection->part, *markdown = &inspection->markdown;
    while (part->size && part->data[part->size - 1] == '\n')
        part->size--;
    if (part->size == 0)
        return;
    text_add(&inspection->plain, part->data, part->size);
    text_puts(&inspection->plain, "\n");
    if (language)
        text_printf(markdown, "```%s\n", language);
    text_add(markdown, part->data, part->size);
    text_puts(markdown, language ? "\n```\n\n" : "\n\n");
    text_cut(part, 0);
}

static void describe_lua_function(lua_State *L, struct inspection *inspection, int function,
                                  struct hilum_str name)
{
    struct facts facts = facts_of(L, function);
    text_puts(&inspection->part, "function ");
    pretty_signature(L, function, name, &inspection->part);
    add_part(inspection, "lua");
    add_comment(&facts, &inspection->part);
    add_part(inspection, NULL);
    text_printf(&inspection->part, "Defined in %s, line %ld", facts.place, facts.first);
    add_part(inspection, NULL);
    if (inspection->detail_level > 0)
        add_source(&facts, &inspection->part);
    add_part(inspection, "lua");
}

static void describe_builtin(lua_State *L, struct inspection *inspection, int function,
                             struct hilum_str name)
{
    const struct manual_entry *entry = find_manual(L, function);
    if (entry) {
        text_puts(&inspection->part, entry->signature);
    } else {
        text_puts(&inspection->part, "function ");
        text_add(&inspection->part, name.data, name.size);
        text_puts(&inspection->part, "(...)");
    }
    add_part(inspection, "lua");
    text_puts(&inspection->part, entry ? entry->summary : "A function that is not written in Lua.");
    add_part(inspection, NULL);
}

static const char *type_name(lua_State *L, int value)
{
    if (lua_type(L, value) != LUA_TNUMBER)
        return luaL_typename(L, value);
    return lua_isinteger(L, value) ? "number (integer)" : "number (float)";
}

static void describe_value(lua_State *L, struct inspection *inspection, int value,
                           struct hilum_str name)
{
    text_add(&inspection->part, name.data, name.size);
    text_printf(&inspection->part, ": %s", type_name(L, value));
    add_part(inspection, NULL);
    pretty_value(L, value, &session_of(L)->limits, &inspection->part);
    add_part(inspection, "lua");
}

/* What C knows of the object; its value too, unless reading it might crash. */
static void describe_c(lua_State *L, struct inspection *inspection, int value)
{
    ffi_describe(L, value, &inspection->part);
    add_part(inspection, "c");
    if (!ffi_is_held(L, value))
        return;
    pretty_value(L, value, &session_of(L)->limits, &inspection->part);
    add_part(inspection, "lua");
}

/* Finds the name that the cursor touches. */
static bool find_name(const struct inspection *inspection, size_t *token)
{
    const struct tokens *tokens = &inspection->tokens;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *item = &tokens->items[i];
        if (item->kind == TOKEN_NAME && item->start <= inspection->cursor &&
            inspection->cursor <= item->end) {
            *token = i;
            return true;
        }
    }
    return false;
}

static bool ends_search(const struct tokens *tokens, size_t i)
{
    return tokens->items[i].kind == TOKEN_KEYWORD && !token_is(tokens, i, "nil") &&
           !token_is(tokens, i, "true") && !token_is(tokens, i, "false") &&
           !token_is(tokens, i, "and") && !token_is(tokens, i, "or") && !token_is(tokens, i, "not");
}

/* Finds the function whose call the cursor is in: the path before the bracket that is open. Starts
 * at *token, the token behind the place, and may be called again for the next call outwards. */
static bool find_call(const struct inspection *inspection, size_t *token)
{
    const struct tokens *tokens = &inspection->tokens;
    int closed = 0;
    for (size_t i = *token; i-- > 0 && !ends_search(tokens, i);) {
        bool opens =
            token_is(tokens, i, "(") || token_is(tokens, i, "{") || token_is(tokens, i, "[");
        if (token_is(tokens, i, ")") || token_is(tokens, i, "}") || token_is(tokens, i, "]")) {
            closed++;
        } else if (opens && closed > 0) {
            closed--;
        } else if (token_is(tokens, i, "(") && i > 0) {
            *token = i - 1;
            return true;
        }
    }
    return false;
}

/* Pushes the value to describe and sets *last to the end of its path. */
static bool find_subject(lua_State *L, const struct inspection *inspection, size_t *last)
{
    const struct tokens *tokens = &inspection->tokens;
    if (find_name(inspection, last) && path_push(L, tokens, *last))
        return true;
    *last = 0;
    while (*last < tokens->count && tokens->items[*last].start < inspection->cursor)
        ++*last;
    while (find_call(inspection, last))
        if (path_push(L, tokens, *last))
            return true;
    return false;
}

static int inspect_protected(lua_State *L)
{
    struct inspection *inspection = lua_touserdata(L, 1);
    const struct tokens *tokens = &inspection->tokens;
    size_t last;
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    if (!find_subject(L, inspection, &last))
        return 0;
    size_t start = tokens->items[path_start(tokens, last)].start;
    struct hilum_str name = {tokens->code.data + start, tokens->items[last].end - start};
    int value = lua_gettop(L);
    if (lua_iscfunction(L, value))
        describe_builtin(L, inspection, value, name);
    else if (lua_isfunction(L, value))
        describe_lua_function(L, inspection, value, name);
    else if (ffi_is_object(L, value))
        describe_c(L, inspection, value);
    else
        describe_value(L, inspection, value, name);
    return 0;
}

static void send(const struct hilum_host *host, const struct inspection *inspection)
{
    struct hilum_str plain = text_str(&inspection->plain);
    struct hilum_str markdown = text_str(&inspection->markdown);
    plain.size -= plain.size > 0; /* the last line end */
    markdown.size -= markdown.size > 1 ? 2 : 0;
    struct hilum_datum data[] = {{str_of("text/plain"), plain, HILUM_TEXT},
                                 {str_of("text/markdown"), markdown, HILUM_TEXT}};
    struct hilum_bundle bundle = {.struct_size = sizeof(bundle), .data = data, .count = 2};
    if (plain.size)
        host->inspection(host, &bundle);
}

enum hilum_status inspect_code(struct hilum_session *session, struct hilum_str code, size_t cursor,
                               int detail_level)
{
    struct inspection inspection = {
        .cursor = cursor, .detail_level = detail_level, .part = {.limit = TEXT_BYTES}};
    interrupt_begin(session);
    int status = LUA_ERRMEM;
    if (tokens_read(&inspection.tokens, code))
        status = session_protect(session->main, inspect_protected, &inspection);
    bool interrupted = interrupt_end(session);
    lua_settop(session->main, 0);
    if (!interrupted && status == LUA_OK)
        send(session->host, &inspection);
    tokens_free(&inspection.tokens);
    text_free(&inspection.part);
    text_free(&inspection.plain);
    text_free(&inspection.markdown);
    return interrupted ? HILUM_INTERRUPTED : HILUM_OK;
}
