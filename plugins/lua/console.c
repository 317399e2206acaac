#include "console.h"

#include "interrupt.h"

#include <lualib.h>

#include <errno.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

static const char no_input[] = "the frontend cannot be asked for input here";

/* A line of integers and strings that is no longer than this is put together on the stack. */
#define LINE_MAX_SIZE 480
/* "-9223372036854775808" */
#define INTEGER_MAX_SIZE 20

static ssize_t write_to(struct hilum_session *session, enum hilum_stream stream, const char *data,
                        size_t size)
{
    const struct hilum_host *host = session->host;
    struct console *console = &session->console;
    if (console->alone && HILUM_HAS(host, stream_on))
        host->stream_on(host, stream, (struct hilum_str){data, size});
    else
        host->stream(host, stream, (struct hilum_str){data, size});
    console->alone = !console->foreign;
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

/* To standard output, past a stream that has no buffer. */
static void write_line(struct hilum_session *session, const char *data, size_t size)
{
    FILE *out = session->console.out;
    if (__fbufsize(out) <= 1)
        write_to(session, HILUM_STDOUT, data, size);
    else
        fwrite(data, 1, size, out);
}

static size_t write_integer(char *to, lua_Integer value)
{
    char digits[INTEGER_MAX_SIZE];
    size_t count = 0, size = 0;
    lua_Unsigned left = value < 0 ? 0u - (lua_Unsigned)value : (lua_Unsigned)value;
    do
        digits[count++] = (char)('0' + left % 10);
    while ((left /= 10));
    if (value < 0)
        to[size++] = '-';
    while (count)
        to[size++] = digits[--count];
    return size;
}

/* Writes the value as print does, when that is simple and there is room; 0: it is not. */
static size_t write_simple(lua_State *L, int index, char *to, size_t room)
{
    if (lua_isinteger(L, index) && room >= INTEGER_MAX_SIZE && !lua_getmetatable(L, index))
        return write_integer(to, lua_tointeger(L, index));
    if (lua_type(L, index) != LUA_TSTRING || luaL_getmetafield(L, index, "__tostring"))
        return 0;
    size_t size;
    const char *text = lua_tolstring(L, index, &size);
    if (size > room)
        return 0;
    memcpy(to, text, size);
    return size;
}

/* False: nothing was printed. */
static bool print_simple(lua_State *L, int count)
{
    char line[LINE_MAX_SIZE];
    size_t size = 0;
    for (int i = 1; i <= count; i++) {
        size_t added = 0;
        if (size < sizeof(line))
            added = write_simple(L, i, line + size, sizeof(line) - 1 - size);
        if (!added)
            return false;
        size += added;
        line[size++] = i < count ? '\t' : '\n';
    }
    write_line(session_of(L), line, size);
    return true;
}

/* One long string is not copied. */
static bool print_string(lua_State *L)
{
    size_t size;
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &size) : NULL;
    if (!text)
        return false;
    write_line(session_of(L), text, size);
    write_line(session_of(L), "\n", 1);
    return true;
}

static int print(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_Buffer line;
    if ((count && print_simple(L, count)) || (count == 1 && print_string(L)))
        return 0;
    lua_settop(L, count);
    luaL_buffinit(L, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&line, '\t');
        luaL_tolstring(L, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_addchar(&line, '\n');
    write_line(session_of(L), luaL_buffaddr(&line), luaL_bufflen(&line));
    return 0;
}

/* ---- Who else may print ----
 *
 * What leads out of Lua, to a child process or another file, is wrapped: after it, the order of
 * prints is not certain any more without asking (see hilum_host.stream_on). */

static bool is_console(const struct console *console, const luaL_Stream *stream)
{
    return stream &&
           (stream->f == console->in || stream->f == console->out || stream->f == console->err);
}

/* The stock function of the io library, upvalue 1, in our own frame: it has no upvalues, and its
 * complaints name the function that was called. */
static int call_stock(lua_State *L)
{
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int open_noted(lua_State *L)
{
    session_of(L)->console.alone = false;
    return call_stock(L);
}

/* io.write(...), io.flush() and the like. */
static int write_noted(lua_State *L)
{
    struct console *console = &session_of(L)->console;
    lua_getfield(L, LUA_REGISTRYINDEX, "_IO_output");
    console->alone &= is_console(console, luaL_testudata(L, -1, LUA_FILEHANDLE));
    lua_pop(L, 1);
    return call_stock(L);
}

/* file:write(...), file:close() and the like; io.close(file). */
static int use_noted(lua_State *L)
{
    struct console *console = &session_of(L)->console;
    console->alone &= is_console(console, luaL_testudata(L, 1, LUA_FILEHANDLE));
    return call_stock(L);
}

/* package.loadlib and the searchers for modules in C. What they find may print behind our back. */
static int load_noted(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    if (lua_isfunction(L, 1) || lua_isboolean(L, 1))
        session_of(L)->console.foreign = true;
    session_of(L)->console.alone = false;
    return lua_gettop(L);
}

/* An iterator over lines is not wrapped; that of a pipe would hear of what a child has done. */
static void note_lines(struct console *console, const luaL_Stream *stream)
{
    struct stat status;
    console->alone = false;
    if (!stream || !stream->closef || is_console(console, stream))
        return;
    console->foreign |= fstat(fileno(stream->f), &status) < 0 || !S_ISREG(status.st_mode);
}

/* Calls the stock reading function, which is upvalue 1, and turns "nobody can be asked" into an
 * error: nil would be taken for the end of a file. */
static int read_checked(lua_State *L)
{
    struct hilum_session *session = session_of(L);
    session->console.unavailable = false;
    session->console.alone = false;
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
    note_lines(&session_of(L)->console, stream);
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
    if (lua_getfield(L, -1, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    lua_pushcclosure(L, wrapper, 1);
    lua_setfield(L, -2, name);
}

/* Of the io library, and of its files. */
static void wrap_io(lua_State *L, lua_CFunction write_wrapper, const char *const *opening)
{
    static const char *const using[] = {"close", "seek", "setvbuf"};
    wrap(L, "read", read_checked);
    wrap(L, "lines", lines_checked);
    wrap(L, "write", write_wrapper);
    wrap(L, "flush", write_wrapper);
    for (size_t i = 0; i < sizeof(using) / sizeof(*using); i++)
        wrap(L, using[i], use_noted);
    for (; *opening; opening++)
        wrap(L, *opening, open_noted);
}

static void wrap_loading(lua_State *L)
{
    lua_getglobal(L, LUA_LOADLIBNAME);
    wrap(L, "loadlib", load_noted);
    lua_getfield(L, -1, "searchers");
    for (lua_Integer i = 3; i <= 4; i++) {
        lua_geti(L, -1, i);
        lua_pushcclosure(L, load_noted, 1);
        lua_seti(L, -2, i);
    }
    lua_pop(L, 2);
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
    static const char *const opening[] = {"open", "popen", "input", "output", NULL};
    lua_getglobal(L, LUA_IOLIBNAME);
    wrap_io(L, write_noted, opening);
    luaL_getmetatable(L, LUA_FILEHANDLE);
    lua_getfield(L, -1, "__index");
    wrap_io(L, use_noted, opening + 4);
    lua_pop(L, 3);
    wrap_loading(L);
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
    console->alone = false;
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
