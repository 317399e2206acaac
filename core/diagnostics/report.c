#include "diagnostics/report.h"
#include "base/json_write.h"
#include "diagnostics/html.h"
#include "diagnostics/json.h"
#include "diagnostics/plain.h"
#include "diagnostics/text.h"

#define KEEP ((size_t)64 << 10)

void report_clear(struct report *report)
{
    buffer_clear(&report->members, KEEP);
    buffer_clear(&report->metadata, KEEP);
}

void report_fini(struct report *report)
{
    buffer_fini(&report->members);
    buffer_fini(&report->metadata);
}

void report_copy(struct report *report, struct str members, struct str metadata)
{
    report_clear(report);
    buffer_append(&report->members, members);
    buffer_append(&report->metadata, metadata);
}

/* ["line", "line"] */
static void write_lines(struct buffer *out, struct str text)
{
    buffer_append_byte(out, '[');
    for (bool first = true; text.size; first = false) {
        if (!first)
            buffer_append_byte(out, ',');
        json_write_string(out, plain_next_line(&text));
    }
    buffer_append_byte(out, ']');
}

/* "text/html":...,"application/vnd.hilum.diagnostics+json":... */
static void write_bundle(struct buffer *out, const struct hilum_diagnostic *diagnostic,
                         const struct diagnostic_scene *scene)
{
    struct buffer html = {0};
    diagnostic_write_html(&html, diagnostic, scene);
    buffer_append(out, STR("\"text/html\":"));
    json_write_string(out, buffer_str(&html));
    buffer_append(out, STR(",\"" DIAGNOSTICS_MIME "\":"));
    diagnostic_write_json(out, diagnostic, scene);
    out->failed |= html.failed;
    buffer_fini(&html);
}

void report_set(struct report *report, const struct hilum_diagnostic *diagnostic,
                const struct diagnostic_scene *scene)
{
    struct buffer *members = &report->members, text = {0};
    report_clear(report);
    diagnostic_write_text(&text, diagnostic, scene, true);
    buffer_append(members, STR("\"ename\":"));
    json_write_string(members, str_from_plugin(diagnostic->name));
    buffer_append(members, STR(",\"evalue\":"));
    json_write_string(members, str_from_plugin(diagnostic->message));
    buffer_append(members, STR(",\"traceback\":"));
    write_lines(members, buffer_str(&text));
    members->failed |= text.failed;
    buffer_fini(&text);
    buffer_append_byte(&report->metadata, '{');
    write_bundle(&report->metadata, diagnostic, scene);
    buffer_append_byte(&report->metadata, '}');
}

void report_say(struct report *report, const char *source, const char *code, const char *name,
                const char *sentence)
{
    static const struct diagnostic_scene nowhere;
    report_set(report,
               &(struct hilum_diagnostic){
                   .struct_size = sizeof(struct hilum_diagnostic),
                   .severity = HILUM_SEVERITY_ERROR,
                   .code = str_to_plugin(str_of(code)),
                   .name = str_to_plugin(str_of(name)),
                   .message = str_to_plugin(str_of(sentence)),
                   .source = str_to_plugin(str_of(source)),
               },
               &nowhere);
}

void report_error(struct report *report, const char *name, const struct error *error,
                  struct str text)
{
    static const struct diagnostic_scene nowhere;
    const struct error_place *place = &error->place;
    report_set(
        report,
        &(struct hilum_diagnostic){
            .struct_size = sizeof(struct hilum_diagnostic),
            .severity = HILUM_SEVERITY_ERROR,
            .code = str_to_plugin(str_of(error->code)),
            .name = str_to_plugin(str_of(name)),
            .message = str_to_plugin(str_of(error->sentence)),
            .span = {(uint32_t)place->line, (uint32_t)place->column, (uint32_t)place->length},
            .source = str_to_plugin(str_of(place->line ? place->file : NULL)),
            .text = str_to_plugin(text),
        },
        &nowhere);
}

void report_write_display(struct buffer *out, const struct hilum_diagnostic *diagnostic,
                          const struct diagnostic_scene *scene)
{
    struct buffer text = {0};
    diagnostic_write_text(&text, diagnostic, scene, true);
    if (text.size && !text.failed)
        text.size--; /* the last line's end */
    buffer_append(out, STR("{\"data\":{\"text/plain\":"));
    json_write_string(out, buffer_str(&text));
    buffer_append_byte(out, ',');
    write_bundle(out, diagnostic, scene);
    buffer_append(out, STR("},\"metadata\":{},\"transient\":{}}"));
    out->failed |= text.failed;
    buffer_fini(&text);
}
