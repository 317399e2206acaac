#include "cell.h"

#include "compile.h"
#include "console.h"
#include "failure.h"
#include "interrupt.h"

#include <stdlib.h>

enum {
    RESULT_BYTES = 256 * 1024,
};

/* The compiled function is in the registry under the unit's address. */
struct hilum_unit {
    const struct hilum_source *source;
};

struct compilation {
    const struct hilum_source *source;
    struct hilum_unit *unit;
    bool compiled;
    struct syntax_error error;
};

static int compile_protected(lua_State *L)
{
    struct compilation *compilation = lua_touserdata(L, 1);
    const struct hilum_source *source = compilation->source;
    compilation->compiled =
        compile_code(L, source->code, source->name, source->kind == HILUM_SOURCE_EXPRESSION,
                     &compilation->error);
    if (compilation->compiled)
        lua_rawsetp(L, LUA_REGISTRYINDEX, compilation->unit);
    return 0;
}

enum hilum_status cell_compile(struct hilum_session *session, const struct hilum_source *source,
                               struct hilum_unit **unit)
{
    lua_State *L = session->main;
    struct compilation compilation = {.source = source, .unit = malloc(sizeof(**unit))};
    interrupt_begin(session);
    int status = LUA_ERRMEM;
    if (compilation.unit) {
        *compilation.unit = (struct hilum_unit){source};
        status = session_protect(L, compile_protected, &compilation);
    }
    bool interrupted = interrupt_end(session);
    if (!interrupted && status == LUA_OK && compilation.compiled) {
        *unit = compilation.unit;
        return HILUM_OK;
    }
    if (!interrupted && status == LUA_OK)
        failure_report_syntax(session, source, &compilation.error);
    else if (!interrupted)
        failure_report(session, source, status);
    text_free(&compilation.error.message);
    cell_discard(session, compilation.unit);
    lua_settop(L, 0);
    return interrupted ? HILUM_INTERRUPTED : HILUM_ERROR;
}

/*
 * The seam for rich display: this is where values become a bundle. Text is all there is so far.
 */
static void show_text(const struct hilum_host *host, const struct text *text)
{
    struct hilum_datum datum = {str_of("text/plain"), text_str(text), HILUM_TEXT};
    struct hilum_bundle bundle = {.struct_size = sizeof(bundle), .data = &datum, .count = 1};
    host->result(host, &bundle);
}

/* Renders arguments 2 to n into the text at argument 1. */
static int render_values(lua_State *L)
{
    const struct pretty_limits *limits = &session_of(L)->limits;
    struct text *text = lua_touserdata(L, 1);
    int count = lua_gettop(L) - 1;
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            text_puts(text, "\t");
        if (i > limits->items) {
            text_printf(text, "... %d more", count - limits->items);
            break;
        }
        pretty_value(L, i + 1, limits, text);
    }
    if (text->truncated)
        text_puts(text, "...");
    return 0;
}

/* Shows the values above `base` and takes them off the stack. */
static int show_values(struct hilum_session *session, int base)
{
    lua_State *L = session->main;
    int count = lua_gettop(L) - base;
    struct text text = {.limit = RESULT_BYTES};
    if (!lua_checkstack(L, 2)) {
        lua_settop(L, base);
        return LUA_OK;
    }
    lua_pushcfunction(L, render_values);
    lua_insert(L, base + 1);
    lua_pushlightuserdata(L, &text);
    lua_insert(L, base + 2);
    int status = lua_pcall(L, count + 1, 0, base);
    if (status == LUA_OK)
        show_text(session->host, &text);
    text_free(&text);
    return status;
}

/* io.write and file:write return the file, so a cell that ends in one has it as value. */
static bool is_console(const struct hilum_session *session, int value)
{
    const luaL_Stream *stream = luaL_testudata(session->main, value, LUA_FILEHANDLE);
    return stream && (stream->f == session->console.out || stream->f == session->console.err);
}

/* Is there nothing worth showing in the values above `base`? */
static bool is_nothing(const struct hilum_session *session, const struct hilum_unit *unit, int base)
{
    int count = lua_gettop(session->main) - base;
    if (count != 1 || unit->source->kind != HILUM_SOURCE_CELL)
        return count == 0;
    return lua_isnil(session->main, -1) || is_console(session, -1);
}

static int run_and_show(struct hilum_session *session, const struct hilum_unit *unit)
{
    lua_State *L = session->main;
    lua_pushcfunction(L, failure_on_error);
    lua_rawgetp(L, LUA_REGISTRYINDEX, unit);
    int base = lua_gettop(L) - 1;
    int status = lua_pcall(L, 0, LUA_MULTRET, base);
    if (status != LUA_OK || is_nothing(session, unit, base))
        return status;
    return show_values(session, base);
}

enum hilum_status cell_run(struct hilum_session *session, struct hilum_unit *unit)
{
    text_cut(&session->trace, 0);
    if (unit->source->kind == HILUM_SOURCE_CELL)
        sources_keep(&session->sources, unit->source->name, unit->source->code);
    interrupt_begin(session);
    console_begin(&session->console);
    int status = run_and_show(session, unit);
    console_end(&session->console);
    bool interrupted = interrupt_end(session);
    if (!interrupted && status != LUA_OK)
        failure_report(session, unit->source, status);
    lua_settop(session->main, 0);
    if (interrupted)
        return HILUM_INTERRUPTED;
    return status == LUA_OK ? HILUM_OK : HILUM_ERROR;
}

void cell_discard(struct hilum_session *session, struct hilum_unit *unit)
{
    if (!unit)
        return;
    lua_pushnil(session->main);
    lua_rawsetp(session->main, LUA_REGISTRYINDEX, unit); /* removing a key takes no memory */
    free(unit);
}
