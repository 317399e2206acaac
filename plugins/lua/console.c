#include "console.h"

#include "interrupt.h"

#include <lualib.h>

#include <errno.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/types.h>

static const char no_input[] = "the frontend cannot be asked for input here";

static ssize_t write_to(struct hilum_session *session, enum hilum_stream stream, const char *data,
                        size_t size)
{
    session->host->stream(session->host, stream, (struct hilum_str){data, size});
    return (ssize_t)size;
}

static ssize_t write_out(void *cookie, const char *data, size_t size)
{
    return write_to(cookie, HILUM_STDOUT, data, size);
}

static ssize_t write_err(void *cookie, const char *data, size_t size)
{
    return write_to(cookie, HILUM_STDERR, data, size);
}

/* Asks for a line. Returns 1 when there is one, 0 at the end of input, -1 with errno. */
static int ask(struct hilum_session *session)
{
    struct console *console = &session->console;
    struct hilum_str line;
    switch (session->host->input(session->host, (struct hilum_str){0}, false, &line)) {
    case HILUM_OK:
        text_cut(&console->typed, 0);
        console->taken = 0;
        text_add(&console->typed, line.data, line.size);
        text_add(&console->typed, "\n", 1);
        return 1;
    case HILUM_END_OF_INPUT:
        return 0;
    case HILUM_INTERRUPTED:
        session->interrupted = 1;
        errno = EINTR;
        return -1;
    default:
        console->unavailable = true;
        errno = EOPNOTSUPP;
        return -1;
    }
}

static ssize_t read_in(void *cookie, char *data, size_t size)
{
    struct hilum_session *session = cookie;
    struct console *console = &session->console;
    if (console->taken == console->typed.size) {
        int status = ask(session);
        if (status <= 0)
            return status;
    }
    size_t left = console->typed.size - console->taken;
    if (size > left)
        size = left;
    memcpy(data, console->typed.data + console->taken, size);
    console->taken += size;
    return (ssize_t)size;
}

static int print(lua_State *L)
{
    struct console *console = &session_of(L)->console;
    int count = lua_gettop(L);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&line, '\t');
        luaL_tolstring(L, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_addchar(&line, '\n');
    fwrite(luaL_buffaddr(&line), 1, luaL_bufflen(&line), console->out);
    return 0;
}

/* Calls the stock reading function, which is upvalue 1, and turns "nobody can be asked" into an
 * error: nil would be taken for the end of a file. */
static int read_checked(lua_State *L)
{
    struct hilum_session *session = session_of(L);
    session->console.unavailable = false;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    if (session->interrupted)
        return interrupt_raise(L);
    if (session->console.unavailable)
        return luaL_error(L, "%s", no_input);
    return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}

/* io.lines() and file:lines(): for io.stdin the iterator reads through read_checked. */
static int lines_checked(lua_State *L)
{
    FILE *in = session_of(L)->console.in;
    luaL_Stream *stream = NULL;
    if (lua_isnoneornil(L, 1))
        lua_getfield(L, LUA_REGISTRYINDEX, "_IO_input");
    else
        lua_pushvalue(L, 1);
    stream = luaL_testudata(L, -1, LUA_FILEHANDLE);
    lua_pop(L, 1);
    bool from_user = stream && stream->f == in;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    if (from_user) {
        lua_pushvalue(L, 1);
        lua_pushcclosure(L, read_checked, 1);
        lua_replace(L, 1);
    }
    return lua_gettop(L);
}

static int input(lua_State *L)
{
    struct hilum_session *session = session_of(L);
    struct hilum_str prompt, line;
    prompt.data = luaL_optlstring(L, 1, "", &prompt.size);
    switch (session->host->input(session->host, prompt, lua_toboolean(L, 2), &line)) {
    case HILUM_OK:
        lua_pushlstring(L, line.data, line.size);
        return 1;
    case HILUM_INTERRUPTED:
        session->interrupted = 1;
        return interrupt_raise(L);
    case HILUM_END_OF_INPUT:
        lua_pushnil(L);
        return 1;
    default:
        return luaL_error(L, "%s", no_input);
    }
}

/* Lua's warn(). Control messages as in the stand-alone interpreter. */
static void on_warning(void *context, const char *message, int to_be_continued)
{
    struct hilum_session *session = context;
    struct console *console = &session->console;
    if (!console->line_continues && !to_be_continued && message[0] == '@') {
        if (strcmp(message, "@on") == 0 || strcmp(message, "@off") == 0)
            console->warnings = message[2] == 'n';
        return;
    }
    if (console->warnings) {
        if (!console->line_continues)
            fputs("Lua warning: ", console->err);
        fputs(message, console->err);
        if (!to_be_continued)
            fputs("\n", console->err);
    }
    console->line_continues = to_be_continued;
}

static FILE *open_stream(lua_State *L, const char *mode, cookie_io_functions_t functions)
{
    FILE *stream = fopencookie(session_of(L), mode, functions);
    if (!stream)
        luaL_error(L, "cannot open a stream: %s", strerror(errno));
    return stream;
}

/* Makes the io library's standard file `name` use `stream`; whoever holds it sees the change. */
static void redirect(lua_State *L, const char *name, FILE *stream)
{
    lua_getglobal(L, LUA_IOLIBNAME);
    lua_getfield(L, -1, name);
    ((luaL_Stream *)luaL_checkudata(L, -1, LUA_FILEHANDLE))->f = stream;
    lua_pop(L, 2);
}

/* Replaces function `name` of the table on the stack by `wrapper`, with the original inside. */
static void wrap(lua_State *L, const char *name, lua_CFunction wrapper)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, wrapper, 1);
    lua_setfield(L, -2, name);
}

static void wrap_reading(lua_State *L)
{
    wrap(L, "read", read_checked);
    wrap(L, "lines", lines_checked);
    lua_pop(L, 1);
}

void console_open(lua_State *L)
{
    struct hilum_session *session = session_of(L);
    struct console *console = &session->console;
    console->warnings = true;
    console->in = open_stream(L, "r", (cookie_io_functions_t){.read = read_in});
    console->out = open_stream(L, "w", (cookie_io_functions_t){.write = write_out});
    console->err = open_stream(L, "w", (cookie_io_functions_t){.write = write_err});
    /* A crash must not take printed text along. */
    setvbuf(console->out, NULL, _IONBF, 0);
    setvbuf(console->err, NULL, _IONBF, 0);
    redirect(L, "stdin", console->in);
    redirect(L, "stdout", console->out);
    redirect(L, "stderr", console->err);
    lua_getglobal(L, LUA_IOLIBNAME);
    wrap_reading(L);
    luaL_getmetatable(L, LUA_FILEHANDLE);
    lua_getfield(L, -1, "__index");
    wrap_reading(L);
    lua_pop(L, 1);
    lua_register(L, "print", print);
    lua_register(L, "input", input);
    lua_setwarnf(L, on_warning, session);
}

void console_close(struct console *console)
{
    FILE *streams[] = {console->in, console->out, console->err};
    for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++)
        if (streams[i])
            fclose(streams[i]);
    text_free(&console->typed);
}

void console_begin(struct console *console)
{
    __fpurge(console->in);
    clearerr(console->in);
    text_cut(&console->typed, 0);
    console->taken = 0;
    console->line_continues = false;
}

void console_end(struct console *console)
{
    console_flush(console);
}

void console_flush(struct console *console)
{
    fflush(console->out);
    fflush(console->err);
}
