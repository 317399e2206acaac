#include "diagnostics/html.h"
#include "diagnostics/excerpt.h"
#include "diagnostics/plain.h"

#define CONTEXT_LINES 2

/*
 * Text has the colour of the page. The colours of names and marks are half-way between black and
 * white, so that they can be read on both; JupyterLab's style for <pre> is taken back.
 */
#define BOX                                                                                        \
    "<div class=\"hilum-diagnostic\" style=\"border-left:3px solid %s;padding:2px 0 2px 10px;"     \
    "margin:2px 0;font-size:13px;line-height:1.4\">"
#define PRE                                                                                            \
    "<pre style=\"margin:2px 0 4px 0;padding:0 0 3px 0;background:transparent;border:0;color:inherit;" \
    "font-size:12px;line-height:1.35;overflow:auto hidden;white-space:pre\">"
#define NUMBER  "<span style=\"opacity:.55;user-select:none\">"
#define MESSAGE "<div style=\"white-space:pre-wrap;overflow-wrap:anywhere;font-family:monospace\">"
#define REMARK  "<div style=\"white-space:pre-wrap;overflow-wrap:anywhere;margin-left:1em\">"

struct writer {
    struct buffer *out;
    const struct diagnostic_scene *scene;
    const char *color;
};

static void add_escaped(struct buffer *out, struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.data[i]) {
        case '&':
            buffer_append(out, STR("&amp;"));
            break;
        case '<':
            buffer_append(out, STR("&lt;"));
            break;
        case '>':
            buffer_append(out, STR("&gt;"));
            break;
        case '"':
            buffer_append(out, STR("&quot;"));
            break;
        case '\'':
            buffer_append(out, STR("&#39;"));
            break;
        default:
            buffer_append_byte(out, text.data[i]);
        }
    }
}

/* Any text of anybody's, with its line ends. */
static void add_text(struct buffer *out, struct str text)
{
    struct buffer plain = {0};
    while (text.size) {
        plain_append(&plain, plain_next_line(&text), false);
        if (text.size)
            buffer_append_byte(&plain, '\n');
    }
    add_escaped(out, buffer_str(&plain));
    out->failed |= plain.failed;
    buffer_fini(&plain);
}

static void add_colored(const struct writer *to, struct str text)
{
    buffer_append_format(to->out, "<span style=\"color:%s;font-weight:600\">", to->color);
    add_text(to->out, text);
    buffer_append(to->out, STR("</span>"));
}

static void add_row(void *context, const struct excerpt_row *row)
{
    const struct writer *to = context;
    struct buffer *out = to->out;
    if (row->is_gap) {
        buffer_append_cstr(out, NUMBER "...</span>\n");
        return;
    }
    if (row->is_inside)
        buffer_append_format(out, "<span style=\"color:%s\">&gt;</span>", to->color);
    else
        buffer_append_byte(out, ' ');
    buffer_append_format(out, NUMBER " %*u </span>", (int)row->digits, row->number);
    add_escaped(out, row->before);
    if (row->width) {
        buffer_append_format(out, "<span style=\"border-bottom:2px solid %s;font-weight:600\">",
                             to->color);
        if (row->marked.size)
            add_escaped(out, row->marked);
        else
            buffer_append(out, STR("&nbsp;"));
        buffer_append(out, STR("</span>"));
    }
    add_escaped(out, row->after);
    buffer_append_byte(out, '\n');
}

static void add_excerpt(struct writer *to, const struct diagnostic_place *place, uint32_t context)
{
    struct excerpt excerpt = {place->text, place->text_line, place->span, place->end, context};
    size_t before = to->out->size;
    if (!place->span.line)
        return;
    buffer_append_cstr(to->out, PRE);
    if (excerpt_show(&excerpt, add_row, to))
        buffer_append(to->out, STR("</pre>"));
    else if (!to->out->failed)
        to->out->size = before;
}

static void add_place(struct writer *to, const struct diagnostic_place *place, uint32_t context)
{
    struct buffer *out = to->out;
    const char *separator = "";
    if (!place->source.size && !place->span.line && !place->label.size)
        return;
    buffer_append(out, STR("<div style=\"opacity:.75\">"));
    if (place->source.size) {
        add_text(out, place->source);
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
        add_text(out, place->label);
    }
    buffer_append(out, STR("</div>"));
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
        buffer_append(to->out, STR("<div>...</div>"));
}

static void add_texts(const struct writer *to, const char *label, const struct hilum_str *texts,
                      size_t count)
{
    for (size_t i = 0; i < count && i < DIAGNOSTIC_TEXTS_MAX; i++) {
        buffer_append_format(to->out, REMARK "<i>%s:</i> ", label);
        add_text(to->out, str_from_plugin(texts[i]));
        buffer_append(to->out, STR("</div>"));
    }
}

static void add_causes(struct writer *to, const struct hilum_cause *cause)
{
    cause = diagnostic_first_cause(cause);
    for (int i = 0; cause && i < DIAGNOSTIC_CAUSES_MAX; i++) {
        buffer_append_cstr(to->out, MESSAGE "caused by ");
        add_colored(to, cause->name.size ? str_from_plugin(cause->name) : STR("error"));
        buffer_append(to->out, STR(": "));
        add_text(to->out, str_from_plugin(cause->message));
        buffer_append(to->out, STR("</div>"));
        add_places(to, cause->places, 0);
        cause = diagnostic_next_cause(cause);
    }
}

static void add_headline(const struct writer *to, const struct hilum_diagnostic *diagnostic)
{
    bool is_error = diagnostic->severity == HILUM_SEVERITY_ERROR;
    struct str name = str_from_plugin(diagnostic->name), code = str_from_plugin(diagnostic->code);
    struct str message = str_from_plugin(diagnostic->message);
    buffer_append_cstr(to->out, MESSAGE);
    add_colored(to, is_error && name.size ? name : diagnostic_severity(diagnostic));
    if (code.size) {
        buffer_append(to->out, STR(" <span style=\"opacity:.6\">["));
        add_text(to->out, code);
        buffer_append(to->out, STR("]</span>"));
    }
    buffer_append_byte(to->out, ':');
    if (message.size)
        buffer_append_byte(to->out, memchr(message.data, '\n', message.size) ? '\n' : ' ');
    add_text(to->out, message);
    buffer_append(to->out, STR("</div>"));
}

static void add_own_traceback(const struct writer *to, const struct hilum_diagnostic *diagnostic)
{
    buffer_append_cstr(to->out, PRE);
    for (size_t i = 0; i < diagnostic->traceback_count; i++) {
        add_text(to->out, str_from_plugin(diagnostic->traceback[i]));
        buffer_append_byte(to->out, '\n');
    }
    buffer_append(to->out, STR("</pre>"));
}

static void add_body(struct writer *to, const struct hilum_diagnostic *diagnostic)
{
    add_headline(to, diagnostic);
    if (diagnostic_first_place(diagnostic->frames)) {
        add_places(to, diagnostic->frames, CONTEXT_LINES);
    } else if (diagnostic->span.line) {
        struct diagnostic_place place = diagnostic_place(diagnostic, to->scene);
        add_place(to, &place, 0);
    }
    add_places(to, diagnostic->related, 0);
    add_texts(to, "note", diagnostic->notes, diagnostic->note_count);
    add_texts(to, "hint", diagnostic->hints, diagnostic->hint_count);
    add_causes(to, diagnostic->causes);
}

void diagnostic_write_html(struct buffer *out, const struct hilum_diagnostic *diagnostic,
                           const struct diagnostic_scene *scene)
{
    static const char *const colors[] = {"#2088a8", "#b07400", "#e04848"};
    struct hilum_diagnostic whole = diagnostic_whole(diagnostic);
    unsigned severity = (unsigned)whole.severity < 3 ? whole.severity : HILUM_SEVERITY_ERROR;
    struct writer to = {out, scene, colors[severity]};
    buffer_append_format(out, BOX, to.color);
    if (whole.traceback_count)
        add_own_traceback(&to, &whole);
    else
        add_body(&to, &whole);
    buffer_append(out, STR("</div>"));
}
