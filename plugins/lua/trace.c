#include "trace.h"

#include "mark.h"

#include <string.h>

enum { CONTEXT = 2 }; /* lines of a file around a place */

static struct hilum_str slice(struct hilum_str text, size_t from)
{
    return (struct hilum_str){text.data + from, text.size - from};
}

static bool starts_with(struct hilum_str text, const char *start)
{
    size_t size = strlen(start);
    return text.size >= size && memcmp(text.data, start, size) == 0;
}

struct trace_place trace_read_place(struct hilum_str text, size_t *size)
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
            return (struct trace_place){{text.data, i}, line};
        }
    }
    return (struct trace_place){0};
}

struct trace_place trace_take_places(const struct sources *sources, struct hilum_str *message)
{
    struct trace_place place = {0}, next;
    size_t size;
    while ((next = trace_read_place(*message, &size)).source.data &&
           sources_has(sources, next.source)) {
        place = next;
        *message = slice(*message, size);
    }
    return place;
}

/* The code of cells is kept as long as the report takes, that of files until the next one is read. */
static void add_code(struct hilum_place *place, struct text *own, struct sources *sources,
                     struct trace_place at)
{
    struct hilum_str code = sources_find_short(sources, at.source);
    if (sources_has(sources, at.source)) {
        place->text = code;
        return;
    }
    long first = at.line > CONTEXT ? at.line - CONTEXT : 1;
    size_t start = own->size;
    for (long i = first; i <= at.line + CONTEXT; i++) {
        struct hilum_str line = source_line(code, i);
        if (!line.data)
            break;
        text_add(own, line.data, line.size);
        text_puts(own, "\n");
    }
    place->text = (struct hilum_str){own->data ? own->data + start : NULL, own->size - start};
    place->text_line = (uint32_t)first;
}

void trace_add(struct trace *trace, struct sources *sources, struct trace_place at,
               struct hilum_span mark, const char *label)
{
    if (trace->count == TRACE_PLACES)
        return;
    struct text *own = &trace->strings[trace->count];
    struct hilum_place *place = &trace->places[trace->count];
    *place = (struct hilum_place){.struct_size = sizeof(*place), .source = at.source};
    place->span = mark.line ? mark : (struct hilum_span){.line = (uint32_t)at.line};
    text_puts(own, label);
    size_t label_size = own->size;
    if (at.line > 0)
        add_code(place, own, sources, at);
    if (!sources_has(sources, at.source) && place->text.size)
        place->text.data = own->data + label_size; /* the text may have moved as it grew */
    place->label = (struct hilum_str){own->data, label_size};
    if (trace->count > 0)
        trace->places[trace->count - 1].next = place;
    trace->count++;
}

void trace_free(struct trace *trace)
{
    for (size_t i = 0; i < TRACE_PLACES; i++)
        text_free(&trace->strings[i]);
}

/* Calls of Lua's traceback, one after the other. */
static struct hilum_str next_call(struct hilum_str *rest)
{
    struct hilum_str call = str_next_line(rest);
    while (call.size && (call.data[0] == '\t' || call.data[0] == ' '))
        call = slice(call, 1);
    return call;
}

static bool is_raising(struct hilum_str call)
{
    return starts_with(call, "[C]: in function 'error'") ||
           starts_with(call, "[C]: in function 'assert'");
}

/* "in function <cell 3:1>" as "in the function of cell 3, line 1". */
static void add_label(struct text *out, struct hilum_str what)
{
    static const char anonymous[] = "in function <";
    size_t colon = what.size;
    while (colon > 0 && what.data[colon - 1] != ':')
        colon--;
    if (!starts_with(what, anonymous) || colon < sizeof(anonymous)) {
        text_add(out, what.data, what.size);
        return;
    }
    text_puts(out, "in the function of ");
    text_add(out, what.data + sizeof(anonymous) - 1, colon - sizeof(anonymous));
    text_puts(out, ", line ");
    text_add(out, what.data + colon, what.size - colon - 1);
}

static void add_repeats(struct text *label, int repeats)
{
    if (repeats > 0)
        text_printf(label, " (and %d more times)", repeats);
    text_add(label, "", 1);
}

/* "[C]: in function 'f'", "...\t(skipping 7 levels)": no line is known. */
static void add_other_call(struct trace *trace, struct hilum_session *session,
                           struct hilum_str call, int repeats)
{
    static const char skipped[] = "...\t(skipping ";
    struct text label = {0};
    const char *source = "Lua";
    if (starts_with(call, "[C]: ")) {
        source = "C code";
        add_label(&label, slice(call, 5));
    } else if (starts_with(call, skipped)) {
        source = "...";
        text_add(&label, call.data + sizeof(skipped) - 1, call.size - sizeof(skipped));
        text_puts(&label, " left out");
    } else {
        text_add(&label, call.data, call.size);
    }
    add_repeats(&label, repeats);
    trace_add(trace, &session->sources, (struct trace_place){.source = str_of(source)},
              (struct hilum_span){0}, label.data ? label.data : "");
    text_free(&label);
}

/* `callee` is the call before, which this line made; for the innermost the message says more. */
static void add_call(struct trace *trace, struct hilum_session *session, struct hilum_str call,
                     int repeats, struct hilum_str callee, struct hilum_str message)
{
    struct text label = {0};
    size_t size;
    struct trace_place place = trace_read_place(call, &size);
    if (!place.source.data) {
        add_other_call(trace, session, call, repeats);
        return;
    }
    struct hilum_str code = sources_find_short(&session->sources, place.source);
    struct hilum_str line = source_line(code, place.line);
    struct hilum_span mark = callee.size ? mark_callee(line, place.line, callee)
                                         : mark_message(line, place.line, message);
    add_label(&label, slice(call, size));
    add_repeats(&label, repeats);
    trace_add(trace, &session->sources, place, mark, label.data ? label.data : "");
    text_free(&label);
}

/* Is there a call in `source`, on `line`? */
static bool has_call(const struct hilum_session *session, struct trace_place wanted)
{
    struct hilum_str rest = text_str(&session->trace);
    while (rest.size) {
        size_t size;
        struct trace_place place = trace_read_place(next_call(&rest), &size);
        if (place.source.data && str_equal(place.source, wanted.source) &&
            place.line == wanted.line)
            return true;
    }
    return false;
}

void trace_read(struct trace *trace, struct hilum_session *session, struct trace_place place,
                struct hilum_str message)
{
    struct hilum_str rest = text_str(&session->trace), callee = {0};
    if (place.source.data && !has_call(session, place)) {
        struct hilum_str code = sources_find_short(&session->sources, place.source);
        struct hilum_str line = source_line(code, place.line);
        trace_add(trace, &session->sources, place, mark_message(line, place.line, message), "");
    }
    str_next_line(&rest); /* "stack traceback:" */
    struct hilum_str call = next_call(&rest);
    while (call.size) {
        struct hilum_str next = next_call(&rest);
        int repeats = 0;
        while (next.size && str_equal(next, call)) {
            repeats++;
            next = next_call(&rest);
        }
        bool is_host = !next.size && starts_with(call, "[C]: in ?");
        if (!is_host && (callee.size || !is_raising(call)))
            add_call(trace, session, call, repeats, callee, message);
        callee = call;
        call = next;
    }
}
