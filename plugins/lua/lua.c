/*
 * The Lua evaluator: Lua 5.4 in the worker process. What each part does is in its header; this file
 * makes and ends sessions and holds the evaluator table.
 */
#include "cell.h"
#include "comm.h"
#include "complete.h"
#include "console.h"
#include "coroutine.h"
#include "display.h"
#include "failure.h"
#include "ffi/module.h"
#include "inspect.h"
#include "interrupt.h"
#include "is_complete.h"
#include "repeat.h"
#include "session.h"
#include "system.h"

#include <hilum/evaluator.h>

#include <lualib.h>

#include <stdlib.h>
#include <string.h>

enum { VALUE_BYTES = 4096 }; /* of an option */

static const struct hilum_option options[] = {
    {"pretty_depth", HILUM_OPTION_INTEGER, "6",
     "How many levels of tables inside tables a result shows (1 to 32)."},
    {"pretty_items", HILUM_OPTION_INTEGER, "100",
     "How many entries of one table a result shows (1 to 10000)."},
    {"init", HILUM_OPTION_STRING, NULL, "A Lua file to run when the session starts."},
    {NULL, HILUM_OPTION_STRING, NULL, NULL},
};

static void complain(const struct hilum_host *host, const char *sentence)
{
    host->diagnostic(host,
                     &(struct hilum_diagnostic){.struct_size = sizeof(struct hilum_diagnostic),
                                                .severity = HILUM_SEVERITY_ERROR,
                                                .code = str_of("lua.load"),
                                                .name = str_of("LoadError"),
                                                .message = str_of(sentence)});
}

/* Copies the option's value, NUL-terminated; empty when it is not set. False: it is too long. */
static bool option_value(const struct hilum_setting *settings, size_t count, const char *key,
                         char value[VALUE_BYTES])
{
    value[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (!str_equal(settings[i].key, str_of(key)))
            continue;
        if (settings[i].value.size >= VALUE_BYTES)
            return false;
        if (settings[i].value.size)
            memcpy(value, settings[i].value.data, settings[i].value.size);
        value[settings[i].value.size] = '\0';
    }
    return true;
}

/* Reads a whole number from 1 to `most`; leaves *number when the option is not set. */
static bool option_number(const struct hilum_host *host, const struct hilum_setting *settings,
                          size_t count, const char *key, int most, int *number)
{
    char value[VALUE_BYTES], sentence[256], *end;
    if (option_value(settings, count, key, value) && value[0] == '\0')
        return true;
    long given = strtol(value, &end, 10);
    if (end > value && *end == '\0' && given >= 1 && given <= most) {
        *number = (int)given;
        return true;
    }
    snprintf(sentence, sizeof(sentence),
             "option %s of evaluator lua must be between 1 and %d, not %.40s", key, most, value);
    complain(host, sentence);
    return false;
}

static bool is_interrupted(lua_State *L)
{
    return session_of(L)->interrupted;
}

static int load_ffi(lua_State *L)
{
    session_of(L)->console.foreign = true;
    return ffi_open(L); /* our upvalue is for it */
}

/* Nothing of ffi is made before a cell requires it. */
static void preload_ffi(lua_State *L)
{
    static struct ffi_hooks hooks = {.is_interrupted = is_interrupted};
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushlightuserdata(L, &hooks);
    lua_pushcclosure(L, load_ffi, 1);
    lua_setfield(L, -2, "ffi");
    lua_pop(L, 1);
}

static int open_protected(lua_State *L)
{
    luaL_openlibs(L);
    interrupt_open(L);
    console_open(L);
    coroutine_open(L);
    repeat_open(L);
    system_open(L);
    display_open(L);
    comm_open(L);
    preload_ffi(L);
    return 0;
}

static int load_file(lua_State *L)
{
    if (luaL_loadfile(L, lua_touserdata(L, 1)) != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 0);
    return 0;
}

/* Runs the file of option "init", if any. */
static enum hilum_status run_init(struct hilum_session *session, char *file)
{
    lua_State *L = session->main;
    if (file[0] == '\0')
        return HILUM_OK;
    lua_pushcfunction(L, failure_on_error);
    lua_pushcfunction(L, load_file);
    lua_pushlightuserdata(L, file);
    interrupt_begin(session);
    interrupt_poll(session);
    int status = lua_pcall(L, 1, 0, 1);
    lua_sethook(L, NULL, 0, 0);
    console_end(&session->console);
    bool interrupted = interrupt_end(session);
    if (status != LUA_OK && !interrupted)
        failure_report(session, NULL, status);
    lua_settop(L, 0);
    if (interrupted)
        return HILUM_INTERRUPTED;
    return status == LUA_OK ? HILUM_OK : HILUM_ERROR;
}

static void unload(struct hilum_session *session)
{
    if (session->main)
        lua_close(session->main);
    console_close(&session->console);
    sources_free(&session->sources);
    text_free(&session->trace);
    free(session);
}

/* A session with its Lua state and libraries, or NULL and a diagnostic. */
static struct hilum_session *new_session(const struct hilum_host *host)
{
    struct hilum_session *session = calloc(1, sizeof(*session));
    lua_State *L = session ? luaL_newstate() : NULL;
    if (!L) {
        free(session);
        complain(host, "there is not enough memory to start Lua");
        return NULL;
    }
    session->host = host;
    session->main = session->running = L;
    session->trace.limit = 64 * 1024;
    memory_open(L, &session->memory);
    *(struct hilum_session **)lua_getextraspace(L) = session;
    if (session_protect(L, open_protected, NULL) != LUA_OK) {
        complain(host, lua_tostring(L, -1));
        unload(session);
        return NULL;
    }
    return session;
}

static enum hilum_status load(const struct hilum_host *host, const struct hilum_setting *settings,
                              size_t setting_count, struct hilum_session **session)
{
    struct pretty_limits limits = {.depth = 6, .items = 100};
    char init[VALUE_BYTES];
    if (!option_number(host, settings, setting_count, "pretty_depth", 32, &limits.depth) ||
        !option_number(host, settings, setting_count, "pretty_items", 10000, &limits.items))
        return HILUM_ERROR;
    if (!option_value(settings, setting_count, "init", init)) {
        complain(host, "option init of evaluator lua is too long for a file name");
        return HILUM_ERROR;
    }
    struct hilum_session *made = new_session(host);
    if (!made)
        return HILUM_ERROR;
    made->limits = limits;
    enum hilum_status status = run_init(made, init);
    if (status == HILUM_OK)
        *session = made;
    else
        unload(made);
    return status;
}

static const struct hilum_language language = {
    .name = "lua",
    .version = LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE,
    .mimetype = "text/x-lua",
    .file_extension = ".lua",
};

static const struct hilum_help_link help_links[] = {
    {"Lua Reference Manual", "https://www.lua.org/manual/5.4/"},
    {"Programming in Lua", "https://www.lua.org/pil/"},
    {NULL, NULL},
};

static const struct hilum_evaluator evaluator = {
    .abi_version = HILUM_ABI_VERSION,
    .struct_size = sizeof(struct hilum_evaluator),
    .name = "lua",
    .version = "0.1.0",
    .display_name = "Lua",
    .banner = LUA_COPYRIGHT,
    .language = &language,
    .capabilities = HILUM_FORK_SAFE,
    .load = load,
    .compile = cell_compile,
    .run = cell_run,
    .discard = cell_discard,
    .unload = unload,
    .options = options,
    .help_links = help_links,
    .interrupt = interrupt_now,
    .complete = complete_code,
    .inspect = inspect_code,
    .is_complete = is_complete_code,
    .comm_open = comm_on_open,
    .comm_msg = comm_on_message,
    .comm_close = comm_on_close,
};

HILUM_EXPORT const struct hilum_evaluator *hilum_evaluator(void)
{
    return &evaluator;
}
