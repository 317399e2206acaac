#include "failure.h"

#include "interrupt.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONTEXT = 2,          /* lines of code around the offending one */
    LINES = 128,          /* of a traceback */
    LINE_BYTES = 240,     /* shown of a line of code */
    MESSAGE_BYTES = 8192, /* shown of an error message */
};

/* "cell 3:12": where something went wrong. */
struct place {
    struct hilum_str source; /* data is NULL when there is no place */
    long line;
};

int failure_on_error(lua_State *L)
{
    struct hilum_session *session = session_of(L);
    size_t size;
    if (session->interrupted)
        return 1;
    luaL_traceback(L, L, NULL, 1);
    const char *trace = lua_tolstring(L, -1, &size);
    text_cut(&session->trace, 0);
    text_add(&session->trace, trace, size);
    lua_pop(L, 1);
    return 1;
}

static struct hilum_str slice(struct hilum_str text, size_t from)
{
    return (struct hilum_str){text.data + from, text.size - from};
}

/* Reads "source:line: " at the start of a text; *size is what it takes. */
static struct place read_place(struct hilum_str text, size_t *size)
{
    for (size_t i = 0; i < text.size && text.data[i] != '\n'; i++) {
        size_t end = i + 1;
        long line = 0;
        while (text.data[i] == ':' && end < text.size && end < i + 10 && text.data[end] >= '0' &&
               text.data[end] <= '9')
            line = line * 10 + (text.data[end++] - '0');
        if (end > i + 1 && end + 1 < text.size && text.data[end] == ':' &&
            text.data[end + 1] == ' ') {
            *size = end + 2;
            return (struct place){{text.data, i}, line};
        }
    }
    return (struct place){0};
}

/* Takes the places of cells off the start of a message and returns the last one. Places in files
 * stay, since nothing else would say where the message comes from. */
static struct place take_places(const struct sources *sources, struct hilum_str *message)
{
    struct place place = {0}, next;
    size_t size;
    while ((next = read_place(*message, &size)).source.data && sources_has(sources, next.source)) {
        place = next;
        *message = slice(*message, size);
    }
    return place;
}

static void add_code_line(struct text *out, struct hilum_str line, long number, bool marked)
{
    size_t size = line.size < LINE_BYTES ? line.size : LINE_BYTES;
    while (size > 0 && size < line.size && ((unsigned char)line.data[size] & 0xC0) == 0x80)
        size--;
    text_printf(out, "%s%5ld | ", marked ? "\x1b[0;32m>\x1b[0m" : " ", number);
    text_add(out, line.data, size);
    text_puts(out, "\n");
}

/* Adds the line of code and `context` lines before and after it. */
static void add_excerpt(struct text *out, struct hilum_str code, long number, long context)
{
    long first = number > context ? number - context : 1;
    for (long i = first; i <= number + context; i++) {
        struct hilum_str line = source_line(code, i);
        if (line.data)
            add_code_line(out, line, i, i == number);
    }
}

/* Adds what Lua says of a call, "cell 3:2: in function 'f'", and the line of code. */
static void add_call(struct hilum_session *session, struct text *out, struct hilum_str call,
                     bool innermost)
{
    size_t size;
    struct place place = read_place(call, &size);
    text_add(out, call.data, call.size);
    text_puts(out, "\n");
    if (place.source.data)
        add_excerpt(out, sources_find_short(&session->sources, place.source), place.line,
                    innermost ? CONTEXT : 0);
}

static bool starts_with(struct hilum_str text, const char *start)
{
    size_t size = strlen(start);
    return text.size >= size && memcmp(text.data, start, size) == 0;
}

static bool is_noise(struct hilum_str call, bool innermost, bool last)
{
    return call.size == 0 || (last && starts_with(call, "[C]: in ?")) ||
           (innermost && (starts_with(call, "[C]: in function 'error'") ||
                          starts_with(call, "[C]: in function 'assert'")));
}

static void add_repeats(struct text *out, int repeats)
{
    if (repeats > 0)
        text_printf(out, "... (the same %d more times)\n", repeats);
}

/* Rewrites Lua's traceback: with lines of code, without error() itself and repeated calls. */
static void add_calls(struct hilum_session *session, struct text *out)
{
    struct hilum_str rest = text_str(&session->trace), before = {0};
    bool innermost = true;
    int repeats = 0;
    str_next_line(&rest); /* "stack traceback:" */
    while (rest.size) {
        struct hilum_str call = str_next_line(&rest);
        while (call.size && call.data[0] == '\t')
            call = slice(call, 1);
        if (is_noise(call, innermost, rest.size == 0))
            continue;
        if (str_equal(call, before)) {
            repeats++;
            continue;
        }
        add_repeats(out, repeats);
        repeats = 0;
        add_call(session, out, call, innermost);
        innermost = innermost && starts_with(call, "[C]:");
        before = call;
    }
    add_repeats(out, repeats);
}

/* The innermost place in Lua's traceback that is in `source`, and on `line` unless that is 0. */
static struct place find_call(const struct hilum_session *session, struct hilum_str source,
                              long line)
{
    struct hilum_str rest = text_str(&session->trace);
    while (rest.size) {
        struct hilum_str call = str_next_line(&rest);
        size_t size;
        while (call.size && call.data[0] == '\t')
            call = slice(call, 1);
        struct place place = read_place(call, &size);
        if (place.source.data && str_equal(place.source, source) &&
            (line == 0 || line == place.line))
            return place;
    }
    return (struct place){0};
}

/* The place that the message names, when no call is there: it was in a coroutine, say. */
static void add_place(struct hilum_session *session, struct text *out, struct place place)
{
    if (!place.source.data || find_call(session, place.source, place.line).source.data)
        return;
    text_add(out, place.source.data, place.source.size);
    text_printf(out, ":%ld:\n", place.line);
    add_excerpt(out, sources_find_short(&session->sources, place.source), place.line, CONTEXT);
}

static void add_headline(struct text *out, struct hilum_str name, struct hilum_str message)
{
    text_puts(out, "\x1b[0;31m");
    text_add(out, name.data, name.size);
    text_puts(out, "\x1b[0m: ");
    text_add(out, message.data, message.size);
    text_puts(out, "\n");
}

/* Hands a diagnostic with `traceback`, cut into lines, to the host. */
static void send(const struct hilum_session *session, struct hilum_diagnostic *diagnostic,
                 const struct text *traceback)
{
    struct hilum_str lines[LINES], rest = text_str(traceback);
    size_t count = 0;
    while (rest.size && count < LINES)
        lines[count++] = str_next_line(&rest);
    diagnostic->struct_size = sizeof(*diagnostic);
    diagnostic->severity = HILUM_SEVERITY_ERROR;
    diagnostic->traceback = lines;
    diagnostic->traceback_count = count;
    session->host->diagnostic(session->host, diagnostic);
}

/* The error object at argument 1 as name and message, in the texts at arguments 2 and 3. */
static int describe(lua_State *L)
{
    const struct hilum_session *session = session_of(L);
    struct text *name = lua_touserdata(L, 2), *message = lua_touserdata(L, 3);
    bool named = luaL_getmetafield(L, 1, "__name") == LUA_TSTRING;
    text_puts(name, named ? lua_tostring(L, -1) : "RuntimeError");
    size_t size;
    const char *string = lua_tolstring(L, 1, &size);
    if (string)
        text_add(message, string, size);
    else
        pretty_value(L, 1, &session->limits, message);
    return 0;
}

/* Describes the object on the top of the stack, and takes it off. An object whose description
 * fails is described by that failure, at most once. */
static void describe_top(lua_State *L, struct text *name, struct text *message)
{
    lua_pushcfunction(L, describe);
    lua_insert(L, -2);
    lua_pushlightuserdata(L, name);
    lua_pushlightuserdata(L, message);
    if (lua_pcall(L, 3, 0, 0) == LUA_OK)
        return;
    text_cut(name, 0);
    text_cut(message, 0);
    text_puts(name, "RuntimeError");
    text_puts(message, "the error object cannot be described");
    lua_pop(L, 1);
}

/* The place in the cell itself: of the error, or of the call that led to it. */
static struct hilum_span span_in(const struct hilum_session *session,
                                 const struct hilum_source *source, struct place place)
{
    if (!source)
        return (struct hilum_span){0};
    if (!place.source.data || !str_equal(place.source, source->name))
        place = find_call(session, source->name, 0);
    if (!place.source.data)
        return (struct hilum_span){0};
    return (struct hilum_span){.line = (uint32_t)place.line, .column = 1};
}

/* The C functions that build strings raise it as an ordinary error. */
static bool is_lack_of_memory(const struct hilum_session *session)
{
    const char *text = session->memory.asked ? lua_tostring(session->main, -1) : NULL;
    return text && strcmp(text, "not enough memory") == 0;
}

/* What the cell held is garbage now, and goes back to the operating system. */
static void describe_lack_of_memory(struct hilum_session *session, struct text *name,
                                    struct text *message)
{
    static const double megabyte = 1e6;
    const struct hilum_host *host = session->host;
    struct memory memory = session->memory;
    struct hilum_limits limits =
        HILUM_HAS(host, limits) ? *host->limits(host) : (struct hilum_limits){.memory = 0};
    uint64_t most = memory.by_system ? limits.memory_hard : limits.memory;
    struct hilum_str setting =
        memory.by_system ? str_of("limits.session_memory_mb_hard") : limits.memory_setting;
    lua_settop(session->main, 0);
    lua_gc(session->main, LUA_GCCOLLECT);
    malloc_trim(0);
    text_puts(name, most ? "MemoryLimitExceeded" : "MemoryError");
    text_puts(message, "not enough memory");
    if (!most)
        return;
    text_printf(
        message, ": Lua held %.3f MB and wanted %.3f MB more; the session may hold %.6g MB (",
        (double)memory.had / megabyte, (double)memory.asked / megabyte, (double)most / megabyte);
    text_add(message, setting.data, setting.size);
    text_puts(message, ")");
}

void failure_report(struct hilum_session *session, const struct hilum_source *source, int status)
{
    lua_State *L = session->main;
    struct text name = {.limit = 256}, message = {.limit = MESSAGE_BYTES}, traceback = {0};
    bool memory = status == LUA_ERRMEM || is_lack_of_memory(session);
    if (memory) {
        describe_lack_of_memory(session, &name, &message);
        text_cut(&session->trace, 0);
    } else {
        interrupt_begin(session); /* __tostring may run for ever */
        describe_top(L, &name, &message);
        interrupt_end(session);
    }
    struct hilum_diagnostic diagnostic = {.name = text_str(&name), .message = text_str(&message)};
    struct place place = take_places(&session->sources, &diagnostic.message);
    add_headline(&traceback, diagnostic.name, diagnostic.message);
    add_place(session, &traceback, place);
    add_calls(session, &traceback);
    diagnostic.code = str_of(memory ? "lua.memory" : "lua.runtime");
    diagnostic.span = span_in(session, source, place);
    send(session, &diagnostic, &traceback);
    text_free(&name);
    text_free(&message);
    text_free(&traceback);
}

/* Where byte `offset` of the code is, for a token of `length` bytes. */
static struct hilum_span locate(struct hilum_str code, size_t offset, size_t length)
{
    struct hilum_span span = {.line = 1};
    size_t line_start = 0;
    for (size_t i = 0; i < offset; i++) {
        if (code.data[i] == '\n') {
            span.line++;
            line_start = i + 1;
        }
    }
    struct hilum_str before = {code.data + line_start, offset - line_start};
    struct hilum_str token = {code.data + offset, length};
    span.column = (uint32_t)str_code_points(before) + 1;
    span.length = (uint32_t)str_code_points(token);
    return span;
}

/* A caret under the column: tabs stay tabs, so that it stands right. */
static void add_caret(struct text *out, struct hilum_str line, struct hilum_span span)
{
    uint32_t column = 1;
    text_puts(out, "      | ");
    for (size_t i = 0; i < line.size && column < span.column; i++) {
        if (((unsigned char)line.data[i] & 0xC0) == 0x80)
            continue;
        text_add(out, line.data[i] == '\t' ? "\t" : " ", 1);
        column++;
    }
    for (uint32_t i = 0; i < (span.length ? span.length : 1) && i < LINE_BYTES; i++)
        text_add(out, "^", 1);
    text_puts(out, "\n");
}

void failure_report_syntax(struct hilum_session *session, const struct hilum_source *source,
                           const struct syntax_error *error)
{
    struct hilum_str code = source->code;
    struct hilum_span span = locate(code, error->offset, error->length);
    bool exact = error->length > 0 || error->at_end;
    if (error->line > 0 && !exact)
        span = (struct hilum_span){.line = (uint32_t)error->line, .column = 1};
    struct hilum_str line = source_line(code, (long)span.line);
    struct text traceback = {0};
    struct hilum_diagnostic diagnostic = {.code = str_of("lua.syntax"),
                                          .name = str_of("SyntaxError"),
                                          .message = text_str(&error->message),
                                          .span = span};
    add_headline(&traceback, diagnostic.name, diagnostic.message);
    text_add(&traceback, source->name.data, source->name.size);
    text_printf(&traceback, ":%u\n", span.line);
    add_excerpt(&traceback, code, (long)span.line, 0);
    if (exact && line.data && line.size <= LINE_BYTES)
        add_caret(&traceback, line, span);
    send(session, &diagnostic, &traceback);
    text_free(&traceback);
}
