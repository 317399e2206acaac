#include "failure.h"

#include "interrupt.h"
#include "trace.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum {
    MESSAGE_BYTES = 8192, /* shown of an error message */
    CAUSES = 8,           /* followed from an error object */
};

/* An error object as it is shown. */
struct described {
    struct text name;
    struct text message;
    struct text note;
};

/* An error object that led to another one. */
struct cause {
    struct described is;
    struct trace trace;
    struct hilum_cause told;
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

/* A table without __tostring says what is wrong in its field `message`, and the rest is a note. */
static bool describe_table(lua_State *L, const struct hilum_session *session, struct described *is)
{
    size_t size;
    if (lua_type(L, 1) != LUA_TTABLE || luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL)
        return false;
    lua_pushliteral(L, "message");
    if (lua_rawget(L, 1) != LUA_TSTRING)
        return false;
    const char *message = lua_tolstring(L, -1, &size);
    text_add(&is->message, message, size);
    text_puts(&is->note, "the error object is ");
    pretty_value(L, 1, &session->limits, &is->note);
    return true;
}

/* Describes the error object at argument 1; returns what led to it, its field `cause`. */
static int describe(lua_State *L)
{
    const struct hilum_session *session = session_of(L);
    struct described *is = lua_touserdata(L, 2);
    bool named = luaL_getmetafield(L, 1, "__name") == LUA_TSTRING;
    text_puts(&is->name, named ? lua_tostring(L, -1) : "RuntimeError");
    size_t size;
    const char *string = lua_tolstring(L, 1, &size);
    if (string)
        text_add(&is->message, string, size);
    else if (!describe_table(L, session, is))
        pretty_value(L, 1, &session->limits, &is->message);
    if (lua_type(L, 1) != LUA_TTABLE && lua_type(L, 1) != LUA_TUSERDATA)
        return 0;
    if (lua_type(L, 1) == LUA_TUSERDATA && luaL_getmetafield(L, 1, "__index") == LUA_TNIL)
        return 0;
    lua_getfield(L, 1, "cause");
    return 1;
}

/* Describes the object on the top of the stack, and puts what led to it, or nil, in its place. An
 * object whose description fails is described by that failure, at most once. */
static void describe_top(lua_State *L, struct described *is)
{
    *is = (struct described){.name = {.limit = 256},
                             .message = {.limit = MESSAGE_BYTES},
                             .note = {.limit = MESSAGE_BYTES}};
    lua_pushcfunction(L, describe);
    lua_insert(L, -2);
    lua_pushlightuserdata(L, is);
    if (lua_pcall(L, 2, 1, 0) == LUA_OK)
        return;
    text_cut(&is->name, 0);
    text_cut(&is->message, 0);
    text_puts(&is->name, "RuntimeError");
    text_puts(&is->message, "the error object cannot be described");
    lua_pop(L, 1);
    lua_pushnil(L);
}

static void described_free(struct described *is)
{
    text_free(&is->name);
    text_free(&is->message);
    text_free(&is->note);
}

/* What led to the error, and what led to that: from the object on the top of the stack. */
static size_t read_causes(struct hilum_session *session, struct cause *causes)
{
    lua_State *L = session->main;
    size_t count = 0;
    while (count < CAUSES && lua_toboolean(L, -1)) {
        struct cause *cause = &causes[count];
        describe_top(L, &cause->is);
        struct hilum_str message = text_str(&cause->is.message);
        struct trace_place place = trace_take_places(&session->sources, &message);
        if (place.source.data)
            trace_add(&cause->trace, &session->sources, place, (struct hilum_span){0}, "");
        cause->told = (struct hilum_cause){
            .struct_size = sizeof(cause->told),
            .name = text_str(&cause->is.name),
            .message = message,
            .places = cause->trace.count ? cause->trace.places : NULL,
        };
        if (count > 0)
            causes[count - 1].told.next = &cause->told;
        count++;
    }
    return count;
}

static void free_causes(struct cause *causes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        described_free(&causes[i].is);
        trace_free(&causes[i].trace);
    }
    free(causes);
}

/* The place in the cell itself: of the error, or of the call that led to it. */
static struct hilum_span span_in(const struct hilum_source *source, const struct trace *trace)
{
    for (size_t i = 0; source && i < trace->count; i++)
        if (str_equal(trace->places[i].source, source->name))
            return trace->places[i].span;
    return (struct hilum_span){0};
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

static void send(const struct hilum_session *session, struct hilum_diagnostic *diagnostic)
{
    diagnostic->struct_size = sizeof(*diagnostic);
    diagnostic->severity = HILUM_SEVERITY_ERROR;
    session->host->diagnostic(session->host, diagnostic);
}

static void report(struct hilum_session *session, const struct hilum_source *source,
                   const struct described *is, struct hilum_diagnostic *diagnostic)
{
    struct trace *trace = calloc(1, sizeof(*trace));
    struct hilum_str note = text_str(&is->note);
    diagnostic->name = text_str(&is->name);
    diagnostic->message = text_str(&is->message);
    struct trace_place place = trace_take_places(&session->sources, &diagnostic->message);
    if (trace) {
        trace_read(trace, session, place, diagnostic->message);
        diagnostic->frames = trace->count ? trace->places : NULL;
        diagnostic->span = span_in(source, trace);
    }
    diagnostic->notes = &note;
    diagnostic->note_count = note.size > 0;
    send(session, diagnostic);
    if (trace)
        trace_free(trace);
    free(trace);
}

void failure_report(struct hilum_session *session, const struct hilum_source *source, int status)
{
    struct hilum_diagnostic diagnostic = {.code = str_of("lua.runtime")};
    struct described is = {.name = {.limit = 256}, .message = {.limit = MESSAGE_BYTES}};
    struct cause *causes = NULL;
    size_t count = 0;
    if (status == LUA_ERRMEM || is_lack_of_memory(session)) {
        describe_lack_of_memory(session, &is.name, &is.message);
        text_cut(&session->trace, 0);
        diagnostic.code = str_of("lua.memory");
    } else {
        interrupt_begin(session); /* __tostring may run for ever */
        describe_top(session->main, &is);
        causes = calloc(CAUSES, sizeof(*causes));
        count = causes ? read_causes(session, causes) : 0;
        interrupt_end(session);
        diagnostic.causes = count ? &causes[0].told : NULL;
    }
    report(session, source, &is, &diagnostic);
    described_free(&is);
    free_causes(causes, count);
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

/* "'end' expected (to close 'if' at line 3) near <eof>": where the block was opened; line 0: Lua does
 * not say. */
static struct hilum_place opening(struct hilum_str code, struct hilum_str message)
{
    static const char start[] = "(to close '", middle[] = "' at line ";
    struct hilum_place place = {.struct_size = sizeof(place), .label = str_of("opened here")};
    const char *at = memmem(message.data, message.size, start, sizeof(start) - 1);
    if (!at)
        return place;
    struct hilum_str rest = {at + sizeof(start) - 1, 0};
    rest.size = (size_t)(message.data + message.size - rest.data);
    const char *end = memmem(rest.data, rest.size, middle, sizeof(middle) - 1);
    if (!end)
        return place;
    struct hilum_str word = {rest.data, (size_t)(end - rest.data)};
    for (const char *digit = end + sizeof(middle) - 1;
         digit < message.data + message.size && *digit >= '0' && *digit <= '9'; digit++)
        place.span.line = place.span.line * 10 + (uint32_t)(*digit - '0');
    struct hilum_str line = source_line(code, (long)place.span.line);
    const char *found = line.data ? memmem(line.data, line.size, word.data, word.size) : NULL;
    if (found) {
        struct hilum_str before = {line.data, (size_t)(found - line.data)};
        place.span.column = (uint32_t)str_code_points(before) + 1;
        place.span.length = (uint32_t)str_code_points(word);
    }
    return place;
}

/* Habits from other languages. */
static const char *hint_for(struct hilum_str code, const struct syntax_error *error)
{
    static const struct {
        const char *found;
        const char *hint;
    } habits[] = {
        {"!=", "\"not equal\" is ~= in Lua"},
        {"!", "Lua writes `not` for !; os.execute(\"...\") runs a command of the shell"},
        {"&&", "Lua writes `and` for &&"},
        {"||", "Lua writes `or` for ||"},
        {"++", "Lua has no ++; write i = i + 1"},
        {"+=", "Lua has no +=; write x = x + 1"},
        {"//", "a comment begins with -- in Lua; // divides"},
        {"?", "Lua writes `a and b or c` for a ? b : c; Shift-Tab tells about a name"},
    };
    static const char lines[] =
        "lines for the kernel stand at the start of a cell: %limit, %%time, %status, %undo";
    if (error->offset < code.size && code.data[error->offset] == '%' &&
        (error->offset == 0 || code.data[error->offset - 1] == '\n'))
        return lines;
    for (size_t i = 0; i < sizeof(habits) / sizeof(*habits); i++) {
        size_t size = strlen(habits[i].found);
        /* The parser may have stopped at the first or at the second byte. */
        for (size_t back = 0; back < 2 && error->length > 0 && back <= error->offset; back++)
            if (error->offset - back + size <= code.size &&
                memcmp(code.data + error->offset - back, habits[i].found, size) == 0)
                return habits[i].hint;
    }
    return NULL;
}

void failure_report_syntax(struct hilum_session *session, const struct hilum_source *source,
                           const struct syntax_error *error)
{
    struct hilum_str code = source->code;
    struct hilum_diagnostic diagnostic = {
        .code = str_of("lua.syntax"),
        .name = str_of("SyntaxError"),
        .message = text_str(&error->message),
        .span = locate(code, error->offset, error->length),
    };
    struct hilum_place related = opening(code, diagnostic.message);
    const char *habit = hint_for(code, error);
    struct hilum_str hint = str_of(habit ? habit : "");
    if (error->line > 0 && error->length == 0 && !error->at_end)
        diagnostic.span = (struct hilum_span){.line = (uint32_t)error->line};
    diagnostic.related = related.span.line ? &related : NULL;
    diagnostic.hints = &hint;
    diagnostic.hint_count = habit != NULL;
    send(session, &diagnostic);
}
