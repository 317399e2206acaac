#include "forward.h"
#include "diagnose.h"
#include "exchange.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Representations of one value: more is nonsense. */
#define DATA_MAX 256

static struct hilum_str text_of(const json_t *value)
{
    return (struct hilum_str){json_string_value(value), json_string_length(value)};
}

static struct hilum_str text_at(const json_t *object, const char *key)
{
    return text_of(json_object_get(object, key));
}

void forward_log(struct hilum_session *session, enum hilum_log_level level, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size >= (int)sizeof line)
        size = sizeof line - 1;
    session->host->log(session->host, level, (struct hilum_str){line, (size_t)size});
}

json_t *forward_content(struct hilum_session *session, const struct frame *frame)
{
    json_error_t error;
    struct hilum_str text = frame->parts[0];
    if (frame->part_count == 0 || text.size == 0)
        return json_object();
    json_t *content = json_loadb(text.data, text.size, JSON_ALLOW_NUL, &error);
    if (!content) /* a number that jansson has no integer for is no reason to lose a display */
        content =
            json_loadb(text.data, text.size, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    if (json_is_object(content))
        return content;
    forward_log(session, HILUM_LOG_WARNING, "a %s from the program was dropped: %s", frame->type,
                content ? "its content is no object" : error.text);
    json_decref(content);
    return NULL;
}

/* ---- Values ---- */

/* Texts as they are, everything else as JSON. *owned is to be freed. */
static struct hilum_datum datum_of(const char *type, const json_t *value, char **owned)
{
    struct hilum_datum datum = {.mime_type = {type, strlen(type)}, .encoding = HILUM_TEXT};
    *owned = NULL;
    if (json_is_string(value)) {
        datum.data = text_of(value);
        return datum;
    }
    *owned = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    datum.data = (struct hilum_str){*owned, *owned ? strlen(*owned) : 0};
    datum.encoding = HILUM_JSON;
    return datum;
}

void forward_bundle(struct hilum_session *session, const json_t *content,
                    void (*show)(const struct hilum_host *, const struct hilum_bundle *))
{
    json_t *object = json_object_get(content, "data"), *value;
    const json_t *transient = json_object_get(content, "transient");
    const json_t *metadata = json_object_get(content, "metadata");
    struct hilum_datum data[DATA_MAX];
    char *owned[DATA_MAX], *metadata_text = NULL;
    size_t count = 0;
    const char *type;
    json_object_foreach(object, type, value)
    {
        if (count < DATA_MAX) {
            data[count] = datum_of(type, value, &owned[count]);
            count++;
        }
    }
    if (json_object_size(metadata))
        metadata_text = json_dumps(metadata, JSON_COMPACT);
    struct hilum_bundle bundle = {
        .struct_size = sizeof bundle,
        .data = data,
        .count = count,
        .metadata = {metadata_text, metadata_text ? strlen(metadata_text) : 0},
        .display_id = text_at(transient, "display_id"),
    };
    show(session->host, &bundle);
    while (count)
        free(owned[--count]);
    free(metadata_text);
}

static void take_display(struct hilum_session *session, const json_t *content)
{
    forward_bundle(session, content, session->host->display);
}

static void take_update(struct hilum_session *session, const json_t *content)
{
    forward_bundle(session, content, session->host->update_display);
}

static void take_result(struct hilum_session *session, const json_t *content)
{
    forward_bundle(session, content, session->host->result);
}

static void take_clear(struct hilum_session *session, const json_t *content)
{
    session->host->clear_output(session->host, json_is_true(json_object_get(content, "wait")));
}

static void take_stream(struct hilum_session *session, const json_t *content)
{
    const char *name = json_string_value(json_object_get(content, "name"));
    session->host->stream(session->host,
                          name && strcmp(name, "stderr") == 0 ? HILUM_STDERR : HILUM_STDOUT,
                          text_at(content, "text"));
}

/* ---- Questions ---- */

static void take_sync(struct hilum_session *session, const json_t *content)
{
    (void)content;
    session->host->sync(session->host);
    exchange_send(session, "sync_reply", session->request, NULL);
}

static void take_input(struct hilum_session *session, const json_t *content)
{
    struct hilum_str line = {NULL, 0};
    const char *status = "unavailable";
    bool password = json_is_true(json_object_get(content, "password"));
    if (session->serving) {
        switch (session->host->input(session->host, text_at(content, "prompt"), password, &line)) {
        case HILUM_OK:
            exchange_send(session, "input_reply", session->request,
                          json_pack("{s:s%}", "value", line.data ? line.data : "", line.size));
            return;
        case HILUM_END_OF_INPUT:
            status = "eof";
            break;
        case HILUM_INTERRUPTED:
            /* This answer is the interrupt. */
            exchange_told(session);
            status = "interrupted";
            break;
        default:
            break;
        }
    }
    exchange_send(session, "input_reply", session->request, json_pack("{s:s}", "status", status));
}

static void take_log(struct hilum_session *session, const json_t *content)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    const char *name = json_string_value(json_object_get(content, "level"));
    enum hilum_log_level level = HILUM_LOG_INFO;
    for (unsigned i = 0; name && i < 4; i++)
        if (strcmp(name, names[i]) == 0)
            level = (enum hilum_log_level)i;
    session->host->log(session->host, level, text_at(content, "text"));
}

static const struct {
    const char *type;
    void (*take)(struct hilum_session *session, const json_t *content);
} takers[] = {
    {"display_data", take_display},
    {"execute_result", take_result},
    {"update_display_data", take_update},
    {"stream", take_stream},
    {"clear_output", take_clear},
    {"diagnostic", diagnose},
    {"error", diagnose_error},
    {"sync_request", take_sync},
    {"input_request", take_input},
    {"log", take_log},
};

void forward(struct hilum_session *session, const struct frame *frame)
{
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
        if (strcmp(frame->type, takers[i].type) != 0)
            continue;
        json_t *content = forward_content(session, frame);
        if (content)
            takers[i].take(session, content);
        json_decref(content);
        return;
    }
    forward_log(session, HILUM_LOG_DEBUG, "the program sent a %s, which means nothing here",
                frame->type);
}
