#include "diagnostics/text.h"
#include "diagnostics/excerpt.h"
#include "diagnostics/plain.h"

/* Lines around the innermost place of a run-time error. */
#define CONTEXT_LINES 2
#define RED           "\033[0;31m"
#define YELLOW        "\033[0;33m"
#define CYAN          "\033[0;36m"
#define GREEN         "\033[0;32m"
#define END           "\033[0m"

struct writer {
    struct buffer *out;
    const struct diagnostic_scene *scene;
    enum hilum_severity severity;
    bool colors;
    bool has_context; /* the excerpt has other lines than those that are meant */
};

static void begin_color(const struct writer *to, const char *color)
{
    if (to->colors)
        buffer_append_cstr(to->out, color);
}

static void end_color(const struct writer *to)
{
    if (to->colors)
        buffer_append(to->out, STR(END));
}

static void add_colored(const struct writer *to, const char *color, struct str text)
{
    begin_color(to, color);
    plain_append(to->out, text, false);
    end_color(to);
}

static const char *color_of(const struct writer *to)
{
    return to->severity == HILUM_SEVERITY_ERROR     ? RED
           : to->severity == HILUM_SEVERITY_WARNING ? YELLOW
                                                    : CYAN;
}

static void add_spaces(const struct writer *to, size_t count)
{
    while (count--)
        buffer_append_byte(to->out, ' ');
}

static void add_mark(const struct writer *to, const struct excerpt_row *row)
{
    add_spaces(to, 4 + row->digits);
    begin_color(to, GREEN);
    buffer_append_cstr(to->out, "|");
    end_color(to);
    add_spaces(to, 1 + row->column);
    begin_color(to, color_of(to));
    for (size_t i = 0; i < row->width; i++)
        buffer_append_byte(to->out, '^');
    end_color(to);
    buffer_append_byte(to->out, '\n');
}

/* "  >  3 | code": the sign when there are other lines, or nothing else shows what is meant. */
static void add_row(void *context, const struct excerpt_row *row)
{
    const struct writer *to = context;
    bool is_pointed = row->is_inside && (to->has_context || !row->width);
    if (row->is_gap) {
        add_spaces(to, 3);
        buffer_append_cstr(to->out, "...\n");
        return;
    }
    begin_color(to, GREEN);
    buffer_append_format(to->out, "%s%*u |", is_pointed ? " > " : "   ", (int)row->digits,
                         row->number);
    end_color(to);
    if (row->before.size + row->marked.size + row->after.size)
        buffer_append_byte(to->out, ' ');
    buffer_append(to->out, row->before);
    buffer_append(to->out, row->marked);
    buffer_append(to->out, row->after);
    buffer_append_byte(to->out, '\n');
    if (row->width)
        add_mark(to, row);
}

static void add_excerpt(struct writer *to, const struct diagnostic_place *place, uint32_t context)
{
    struct excerpt excerpt = {place->text, place->text_line, place->span, place->end, context};
    to->has_context = context > 0;
    if (place->span.line)
        (void)excerpt_show(&excerpt, add_row, to);
}

/* "  cell 3, line 4, column 5, in function 'f'" and the code there. */
static void add_place(struct writer *to, const struct diagnostic_place *place, uint32_t context)
{
    struct buffer *out = to->out;
    const char *separator = "  ";
    if (!place->source.size && !place->span.line && !place->label.size)
        return;
    if (place->source.size) {
        add_spaces(to, 2);
        add_colored(to, GREEN, place->source);
        separator = ", ";
    }
    if (place->span.line) {
        buffer_append_format(out, "%sline %u", separator, place->span.line);
        separator = ", ";
    }
    if (place->span.line && place->span.column)
        buffer_append_format(out, ", column %u", place->span.column);
    if (place->label.size) {
        buffer_append_cstr(out, separator);
        plain_append(out, place->label, false);
    }
    buffer_append_byte(out, '\n');
    add_excerpt(to, place, context);
}

static void add_places(struct writer *to, const struct hilum_place *place, uint32_t context)
{
    place = diagnostic_first_place(place);
    for (int i = 0; place && i < DIAGNOSTIC_PLACES_MAX; i++) {
        struct diagnostic_place known = diagnostic_known_place(place, to->scene);
        add_place(to, &known, context);
        if (known.text.size && known.span.line)
            context = 0;
        place = diagnostic_next_place(place);
    }
    if (place)
        buffer_append(to->out, STR("  ... (and so on)\n"));
}

/* The lines of a text, the first one behind what stands already, the others indented. */
static void add_lines(const struct writer *to, struct str text, size_t indent)
{
    do {
        struct str line = plain_next_line(&text);
        plain_append(to->out, line, to->colors);
        buffer_append_byte(to->out, '\n');
        if (text.size)
            add_spaces(to, indent);
    } while (text.size);
}

static void add_texts(const struct writer *to, const char *label, const struct hilum_str *texts,
                      size_t count)
{
    for (size_t i = 0; i < count && i < DIAGNOSTIC_TEXTS_MAX; i++) {
        add_spaces(to, 2);
        add_colored(to, CYAN, str_of(label));
        buffer_append(to->out, STR(": "));
        add_lines(to, str_from_plugin(texts[i]), 4 + strlen(label));
    }
}

/* "Name: message", or the name alone and a message of several lines under it. */
static void add_message(const struct writer *to, struct str message)
{
    buffer_append_byte(to->out, ':');
    if (memchr(message.size ? message.data : "", '\n', message.size)) {
        buffer_append_byte(to->out, '\n');
        add_spaces(to, 4);
    } else if (message.size) {
        buffer_append_byte(to->out, ' ');
    }
    add_lines(to, message, 4);
}

/* Errors have their name, which clients know as ename; warnings what they are, and the code by which
 * they can be switched off. */
static void add_headline(const struct writer *to, const struct hilum_diagnostic *diagnostic)
{
    bool is_error = diagnostic->severity == HILUM_SEVERITY_ERROR;
    struct str name = str_from_plugin(diagnostic->name), code = str_from_plugin(diagnostic->code);
    add_colored(to, color_of(to), is_error && name.size ? name : diagnostic_severity(diagnostic));
    if (!is_error && code.size) {
        buffer_append(to->out, STR(" ["));
        plain_append(to->out, code, false);
        buffer_append_byte(to->out, ']');
    }
    add_message(to, str_from_plugin(diagnostic->message));
}

static void add_causes(struct writer *to, const struct hilum_cause *cause)
{
    cause = diagnostic_first_cause(cause);
    for (int i = 0; cause && i < DIAGNOSTIC_CAUSES_MAX; i++) {
        buffer_append(to->out, STR("caused by "));
        add_colored(to, color_of(to),
                    cause->name.size ? str_from_plugin(cause->name) : STR("error"));
        add_message(to, str_from_plugin(cause->message));
        add_places(to, cause->places, 0);
        cause = diagnostic_next_cause(cause);
    }
}

void diagnostic_write_text(struct buffer *out, const struct hilum_diagnostic *diagnostic,
                           const struct diagnostic_scene *scene, bool colors)
{
    struct hilum_diagnostic whole = diagnostic_whole(diagnostic);
    struct writer to = {.out = out, .scene = scene, .severity = whole.severity, .colors = colors};
    for (size_t i = 0; i < whole.traceback_count; i++) {
        buffer_append(out, str_from_plugin(whole.traceback[i]));
        buffer_append_byte(out, '\n');
    }
    if (whole.traceback_count)
        return;
    add_headline(&to, &whole);
    if (diagnostic_first_place(whole.frames)) {
        add_places(&to, whole.frames, CONTEXT_LINES);
    } else if (whole.span.line) {
        struct diagnostic_place place = diagnostic_place(&whole, scene);
        add_place(&to, &place, 0);
    }
    add_places(&to, whole.related, 0);
    add_texts(&to, "note", whole.notes, whole.note_count);
    add_texts(&to, "hint", whole.hints, whole.hint_count);
    add_causes(&to, whole.causes);
}

void diagnostic_write_excerpt(struct buffer *out, const struct diagnostic_place *place,
                              enum hilum_severity severity, bool colors)
{
    const struct diagnostic_scene nowhere = {{NULL, 0}, {NULL, 0}};
    struct writer to = {.out = out, .scene = &nowhere, .severity = severity, .colors = colors};
    add_excerpt(&to, place, 0);
}
