#include "diagnose.h"

#include <stdlib.h>
#include <string.h>

/* Lines of one diagnostic, places and causes: more is nonsense. */
#define LINES_MAX 10000
#define LIST_MAX  64

static struct hilum_str text_of(const json_t *value)
{
    return (struct hilum_str){json_string_value(value), json_string_length(value)};
}

static struct hilum_str text_at(const json_t *object, const char *key)
{
    return text_of(json_object_get(object, key));
}

/* An array of texts; the caller frees it. Other elements become empty lines. */
static struct hilum_str *lines_of(const json_t *array, size_t *count)
{
    size_t wanted = json_array_size(array);
    struct hilum_str *lines = wanted && wanted <= LINES_MAX ? calloc(wanted, sizeof *lines) : NULL;
    *count = lines ? wanted : 0;
    for (size_t i = 0; i < *count; i++)
        lines[i] = text_of(json_array_get(array, i));
    return lines;
}

static uint32_t number_at(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
}

static struct hilum_span span_of(const json_t *span)
{
    return (struct hilum_span){number_at(span, "line"), number_at(span, "column"),
                               number_at(span, "length")};
}

static struct hilum_position end_of(const json_t *span)
{
    return (struct hilum_position){number_at(span, "end_line"), number_at(span, "end_column")};
}

/* A list of places; the caller frees it. NULL: there are none. */
static struct hilum_place *places_of(const json_t *array)
{
    size_t count = json_array_size(array);
    count = count < LIST_MAX ? count : LIST_MAX;
    struct hilum_place *places = count ? calloc(count, sizeof *places) : NULL;
    for (size_t i = 0; places && i < count; i++) {
        const json_t *place = json_array_get(array, i), *span = json_object_get(place, "span");
        places[i] = (struct hilum_place){
            .struct_size = sizeof *places,
            .source = text_at(place, "source"),
            .span = span_of(span),
            .end = end_of(span),
            .label = text_at(place, "label"),
            .text = text_at(place, "text"),
            .text_line = number_at(place, "text_line"),
            .next = i + 1 < count ? &places[i + 1] : NULL,
        };
    }
    return places;
}

/* A list of causes, each with its places; causes_free frees it. NULL: there are none. */
static struct hilum_cause *causes_of(const json_t *array)
{
    size_t count = json_array_size(array);
    count = count < LIST_MAX ? count : LIST_MAX;
    struct hilum_cause *causes = count ? calloc(count, sizeof *causes) : NULL;
    for (size_t i = 0; causes && i < count; i++) {
        const json_t *cause = json_array_get(array, i);
        causes[i] = (struct hilum_cause){
            .struct_size = sizeof *causes,
            .code = text_at(cause, "code"),
            .name = text_at(cause, "name"),
            .message = text_at(cause, "message"),
            .places = places_of(json_object_get(cause, "places")),
            .next = i + 1 < count ? &causes[i + 1] : NULL,
        };
    }
    return causes;
}

static void causes_free(struct hilum_cause *causes)
{
    for (const struct hilum_cause *cause = causes; cause; cause = cause->next)
        free((void *)(uintptr_t)cause->places);
    free(causes);
}

static enum hilum_severity severity_of(const json_t *content)
{
    const char *name = json_string_value(json_object_get(content, "severity"));
    if (name && strcmp(name, "warning") == 0)
        return HILUM_SEVERITY_WARNING;
    return name && strcmp(name, "note") == 0 ? HILUM_SEVERITY_NOTE : HILUM_SEVERITY_ERROR;
}

static void tell(struct hilum_session *session, const json_t *content,
                 struct hilum_diagnostic *diagnostic)
{
    struct hilum_str *traceback =
        lines_of(json_object_get(content, "traceback"), &diagnostic->traceback_count);
    struct hilum_str *notes = lines_of(json_object_get(content, "notes"), &diagnostic->note_count);
    struct hilum_str *hints = lines_of(json_object_get(content, "hints"), &diagnostic->hint_count);
    struct hilum_place *frames = places_of(json_object_get(content, "frames"));
    struct hilum_place *related = places_of(json_object_get(content, "related"));
    struct hilum_cause *causes = causes_of(json_object_get(content, "causes"));
    diagnostic->struct_size = sizeof *diagnostic;
    diagnostic->code = text_at(content, "code");
    diagnostic->traceback = traceback;
    diagnostic->notes = notes;
    diagnostic->hints = hints;
    diagnostic->frames = frames;
    diagnostic->related = related;
    diagnostic->causes = causes;
    session->host->diagnostic(session->host, diagnostic);
    free(traceback);
    free(notes);
    free(hints);
    free(frames);
    free(related);
    causes_free(causes);
}

void diagnose(struct hilum_session *session, const json_t *content)
{
    const json_t *span = json_object_get(content, "span");
    tell(session, content,
         &(struct hilum_diagnostic){
             .severity = severity_of(content),
             .name = text_at(content, "name"),
             .message = text_at(content, "message"),
             .span = span_of(span),
             .end = end_of(span),
             .source = text_at(content, "source"),
             .text = text_at(content, "text"),
             .text_line = number_at(content, "text_line"),
         });
}

void diagnose_error(struct hilum_session *session, const json_t *content)
{
    tell(session, content,
         &(struct hilum_diagnostic){
             .severity = HILUM_SEVERITY_ERROR,
             .name = text_at(content, "ename"),
             .message = text_at(content, "evalue"),
         });
}
