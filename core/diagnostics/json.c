#include "diagnostics/json.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "diagnostics/plain.h"

/* Bytes of a line of code: a line that is longer is for machines. */
#define LINE_MAX_SIZE ((size_t)1024)

static void write_text(struct buffer *out, const char *key, struct str text)
{
    buffer_append_byte(out, ',');
    json_write_key(out, key);
    json_write_string(out, text);
}

static void write_text_if_any(struct buffer *out, const char *key, struct str text)
{
    if (text.size)
        write_text(out, key, text);
}

static void write_span(struct buffer *out, const struct hilum_span *span,
                       const struct hilum_position *end)
{
    buffer_append_format(out, ",\"span\":{\"line\":%u,\"column\":%u,\"length\":%u", span->line,
                         span->column, span->length);
    if (end->line)
        buffer_append_format(out, ",\"end_line\":%u,\"end_column\":%u", end->line, end->column);
    buffer_append_byte(out, '}');
}

static void write_texts(struct buffer *out, const char *key, const struct hilum_str *texts,
                        size_t count)
{
    if (!count)
        return;
    buffer_append_byte(out, ',');
    json_write_key(out, key);
    for (size_t i = 0; i < count && i < DIAGNOSTIC_TEXTS_MAX; i++) {
        buffer_append_byte(out, i ? ',' : '[');
        json_write_string(out, str_from_plugin(texts[i]));
    }
    buffer_append_byte(out, ']');
}

/* The line of code that the place begins in; empty when it is not known, or too long. */
static struct str line_at(const struct diagnostic_place *place)
{
    struct str rest = place->text, line = {NULL, 0};
    uint32_t number = place->text_line ? place->text_line : 1;
    for (; rest.size && number <= place->span.line; number++) {
        line = plain_next_line(&rest);
        if (number == place->span.line && line.size <= LINE_MAX_SIZE)
            return line;
    }
    return (struct str){NULL, 0};
}

static void write_places(struct buffer *out, const char *key, const struct hilum_place *place,
                         const struct diagnostic_scene *scene)
{
    place = diagnostic_first_place(place);
    if (!place)
        return;
    buffer_append_byte(out, ',');
    json_write_key(out, key);
    for (int i = 0; place && i < DIAGNOSTIC_PLACES_MAX; i++) {
        struct diagnostic_place known = diagnostic_known_place(place, scene);
        buffer_append_cstr(out, i ? ",{\"source\":" : "[{\"source\":");
        json_write_string(out, known.source);
        if (known.span.line)
            write_span(out, &known.span, &known.end);
        write_text_if_any(out, "label", known.label);
        write_text_if_any(out, "text", line_at(&known));
        buffer_append_byte(out, '}');
        place = diagnostic_next_place(place);
    }
    buffer_append_byte(out, ']');
}

static void write_causes(struct buffer *out, const struct hilum_cause *cause,
                         const struct diagnostic_scene *scene)
{
    cause = diagnostic_first_cause(cause);
    if (!cause)
        return;
    buffer_append(out, STR(",\"causes\":["));
    for (int i = 0; cause && i < DIAGNOSTIC_CAUSES_MAX; i++) {
        buffer_append_cstr(out, i ? ",{\"name\":" : "{\"name\":");
        json_write_string(out, str_from_plugin(cause->name));
        write_text_if_any(out, "code", str_from_plugin(cause->code));
        write_text(out, "message", str_from_plugin(cause->message));
        write_places(out, "places", cause->places, scene);
        buffer_append_byte(out, '}');
        cause = diagnostic_next_cause(cause);
    }
    buffer_append_byte(out, ']');
}

void diagnostic_write_json(struct buffer *out, const struct hilum_diagnostic *diagnostic,
                           const struct diagnostic_scene *scene)
{
    struct hilum_diagnostic whole = diagnostic_whole(diagnostic);
    struct diagnostic_place place = diagnostic_place(&whole, scene);
    buffer_append(out, STR("{\"version\":1,\"diagnostics\":[{\"severity\":"));
    json_write_string(out, diagnostic_severity(&whole));
    write_text_if_any(out, "code", str_from_plugin(whole.code));
    write_text(out, "name", str_from_plugin(whole.name));
    write_text(out, "message", str_from_plugin(whole.message));
    write_text_if_any(out, "source", place.source);
    if (whole.span.line) {
        write_span(out, &whole.span, &whole.end);
        write_text_if_any(out, "text", line_at(&place));
    }
    write_places(out, "frames", whole.frames, scene);
    write_places(out, "related", whole.related, scene);
    write_texts(out, "notes", whole.notes, whole.note_count);
    write_texts(out, "hints", whole.hints, whole.hint_count);
    write_causes(out, whole.causes, scene);
    buffer_append(out, STR("}]}"));
}
