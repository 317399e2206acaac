#include "cell.h"

#include "bundle.h"
#include "compile.h"
#include "console.h"
#include "display.h"
#include "failure.h"
#include "interrupt.h"
#include "unchanged.h"

#include <stdlib.h>

/* The compiled function is in the registry under the unit's address. */
struct hilum_unit {
    const struct hilum_source *source;
    bool only_looks; /* by its text */
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
        *compilation.unit = (struct hilum_unit){source, unchanged_is_likely(source->code)};
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

/* Shows its arguments as the result. */
static int show_result(lua_State *L)
{
    int count = lua_gettop(L);
    if (count == 1 && bundle_send_scalar(L, 1))
        return 0;
    struct bundle *bundle = bundle_new(L);
    if (count == 1)
        bundle_add_value(L, bundle, 1);
    else
        bundle_add_text(L, bundle, 1, count);
    bundle_send(L, bundle, BUNDLE_RESULT, NULL);
    return 0;
}

/* Shows the values above `base` and takes them off the stack. */
static int show_values(struct hilum_session *session, int base)
{
    lua_State *L = session->main;
    if (!lua_checkstack(L, 1)) {
        lua_settop(L, base);
        return LUA_OK;
    }
    lua_pushcfunction(L, show_result);
    lua_insert(L, base + 1);
    return lua_pcall(L, lua_gettop(L) - base - 1, 0, base);
}

/* io.write and file:write return the file, so a cell that ends in one has it as value. */
static bool is_console(const struct hilum_session *session, int value)
{
    const luaL_Stream *stream = luaL_testudata(session->main, value, LUA_FILEHANDLE);
    return stream && (stream->f == session->console.out || stream->f == session->console.err);
}

/* display(...) returns a handle for each value that it has shown. */
static bool are_handles(const struct hilum_session *session, int base)
{
    int top = lua_gettop(session->main), i = base + 1;
    while (i <= top && display_is_handle(session->main, i))
        i++;
    return i > top;
}

/* Is there nothing worth showing in the values above `base`? */
static bool is_nothing(const struct hilum_session *session, const struct hilum_unit *unit, int base)
{
    int count = lua_gettop(session->main) - base;
    if (count == 0 || unit->source->kind != HILUM_SOURCE_CELL)
        return count == 0;
    if (count == 1 && (lua_isnil(session->main, -1) || is_console(session, -1)))
        return true;
    return lua_checkstack(session->main, 3) && are_handles(session, base);
}

/* To show a table may take functions of the user's; these take none. */
static bool are_plain(lua_State *L, int base)
{
    int index = lua_gettop(L);
    while (index > base && lua_type(L, index) <= LUA_TSTRING &&
           lua_type(L, index) != LUA_TLIGHTUSERDATA)
        index--;
    return index == base;
}

static int call(struct hilum_session *session, const struct hilum_unit *unit, int base)
{
    lua_State *L = session->main;
    const struct hilum_host *host = session->host;
    if (!unit->only_looks || !HILUM_HAS(host, unchanged))
        return lua_pcall(L, 0, LUA_MULTRET, base);
    unchanged_watch(session);
    int status = lua_pcall(L, 0, LUA_MULTRET, base);
    if (unchanged_holds(session) && status == LUA_OK && are_plain(L, base))
        host->unchanged(host);
    return status;
}

static int run_and_show(struct hilum_session *session, const struct hilum_unit *unit)
{
    lua_State *L = session->main;
    lua_pushcfunction(L, failure_on_error);
    lua_rawgetp(L, LUA_REGISTRYINDEX, unit);
    int base = lua_gettop(L) - 1;
    int status = call(session, unit, base);
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
    memory_begin(session->main, &session->memory, session->host);
    session->cell_runs = true;
    int status = run_and_show(session, unit);
    session->cell_runs = false;
    memory_end(&session->memory);
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
