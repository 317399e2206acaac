#include "kernel/info.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "kernel/state.h"

#include <stdio.h>

#ifndef PACKAGE_VERSION
#error "PACKAGE_VERSION comes from the build"
#endif

static bool language_is_open(const struct kernel *kernel)
{
    const char *name = config_evaluator(kernel->config);
    struct buffer configured = {0};
    config_write_language(kernel->config, name, &configured);
    bool open = config_runs_program(kernel->config, name) && configured.size <= 2;
    buffer_fini(&configured);
    return open;
}

/* Of a program whose language the configuration does not tell, its own hello is awaited. */
static bool is_known(const struct kernel *kernel)
{
    const struct session *session = &kernel->session;
    if (session->state == SESSION_NONE || session->state == SESSION_READY)
        return true;
    return session->hello.size > 0 && (session->facts.size > 0 || !language_is_open(kernel));
}

/* What clients may rely on, when nobody says otherwise. */
static void write_default_language(const struct kernel *kernel, struct buffer *out)
{
    buffer_append(out, STR("{\"name\":"));
    json_write_string(out, str_of(config_evaluator(kernel->config)));
    buffer_append(
        out, STR(",\"version\":\"\",\"mimetype\":\"text/plain\",\"file_extension\":\".txt\"}"));
}

/* Without an evaluator: enough for clients to open a notebook and show what is wrong. */
static void write_unknown_language(struct kernel *kernel, struct buffer *out)
{
    struct str reason = STR("\"\"");
    struct buffer members = {0};
    buffer_append(out, STR(",\"language_info\":"));
    write_default_language(kernel, out);
    buffer_append_byte(&members, '{');
    buffer_append(&members, buffer_str(&session_failure(&kernel->session)->members));
    buffer_append_byte(&members, '}');
    json_get(buffer_str(&members), "evalue", &reason);
    buffer_append(out, STR(",\"banner\":"));
    buffer_append(out, reason);
    buffer_append(out, STR(",\"help_links\":[]"));
    buffer_fini(&members);
}

/* One object from several: of a member that more than one has, the first counts. */
static void write_merged(struct buffer *out, const struct str *layers, size_t count)
{
    struct str earlier;
    struct json_member member;
    bool first = true;
    buffer_append_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        struct json_walk walk = json_walk(layers[i].size ? layers[i] : STR("{}"));
        while (json_next(&walk, &member)) {
            char key[64];
            snprintf(key, sizeof key, "%.*s", STR_FORMAT(str_slice(member.key, 0, 63)));
            bool told = false;
            for (size_t k = 0; k < i; k++)
                told |= layers[k].size && json_get(layers[k], key, &earlier);
            if (told)
                continue;
            buffer_append_cstr(out, first ? "\"" : ",\"");
            buffer_append(out, member.key);
            buffer_append(out, STR("\":"));
            buffer_append(out, member.value);
            first = false;
        }
    }
    buffer_append_byte(out, '}');
}

static struct str object_in(const struct buffer *facts, const char *key)
{
    struct str value = {NULL, 0};
    if (facts->size && json_get(buffer_str(facts), key, &value) &&
        json_kind(value) != JSON_KIND_OBJECT)
        value.size = 0;
    return value;
}

/* The configuration's word counts before the program's, and this before the plugin's. */
static void write_language_info(struct kernel *kernel, struct buffer *out)
{
    struct buffer configured = {0}, fallback = {0};
    const char *name = config_evaluator(kernel->config);
    config_write_language(kernel->config, name, &configured);
    write_default_language(kernel, &fallback);
    const struct str layers[] = {
        buffer_str(&configured),
        object_in(&kernel->session.facts, "language_info"),
        config_runs_program(kernel->config, name)
            ? buffer_str(&fallback)
            : object_in(&kernel->session.hello, "language_info"),
    };
    write_merged(out, layers, sizeof layers / sizeof *layers);
    buffer_fini(&configured);
    buffer_fini(&fallback);
}

static void write_banner(struct kernel *kernel, struct buffer *out)
{
    struct str value;
    const char *name = config_evaluator(kernel->config);
    if (kernel->session.facts.size &&
        json_get(buffer_str(&kernel->session.facts), "banner", &value) &&
        json_kind(value) == JSON_KIND_STRING) {
        buffer_append(out, value);
    } else if (config_runs_program(kernel->config, name)) {
        struct buffer text = {0};
        config_write_display_name(kernel->config, name, &text);
        json_write_string(out, buffer_str(&text));
        buffer_fini(&text);
    } else {
        value = STR("\"\"");
        json_get(buffer_str(&kernel->session.hello), "banner", &value);
        buffer_append(out, value);
    }
}

static void write_help_links(struct kernel *kernel, struct buffer *out)
{
    struct str value = STR("[]");
    json_get(buffer_str(&kernel->session.hello), "help_links", &value);
    if (kernel->session.facts.size)
        json_get(buffer_str(&kernel->session.facts), "help_links", &value);
    buffer_append(out, json_kind(value) == JSON_KIND_ARRAY ? value : STR("[]"));
}

static void write_language(struct kernel *kernel, struct buffer *out)
{
    buffer_append(out, STR(",\"language_info\":"));
    write_language_info(kernel, out);
    buffer_append(out, STR(",\"banner\":"));
    write_banner(kernel, out);
    buffer_append(out, STR(",\"help_links\":"));
    write_help_links(kernel, out);
}

static void reply(struct kernel *kernel, const struct request *request)
{
    struct buffer out = {0};
    buffer_append(&out, STR("{\"status\":\"ok\",\"protocol_version\":\"" WIRE_PROTOCOL_VERSION
                            "\",\"implementation\":\"hilum\",\"implementation_version\":"
                            "\"" PACKAGE_VERSION "\""));
    if (kernel->session.hello.size)
        write_language(kernel, &out);
    else
        write_unknown_language(kernel, &out);
    buffer_append(&out, STR(",\"debugger\":false,\"supported_features\":[]}"));
    send_reply(&kernel->publisher, request, request->type->reply, buffer_str(&out));
    buffer_fini(&out);
}

enum handled info_handle(struct kernel *kernel, struct request *request)
{
    if (!is_known(kernel)) {
        queue_push(&kernel->waiting_for_info, request_ref(request));
        return PENDING;
    }
    reply(kernel, request);
    return HANDLED;
}

void info_session_changed(struct kernel *kernel)
{
    struct request *request;
    while (is_known(kernel) && (request = queue_pop(&kernel->waiting_for_info))) {
        reply(kernel, request);
        router_finish(kernel, request);
    }
}

enum handled info_handle_connect(struct kernel *kernel, struct request *request)
{
    struct buffer out = {0};
    buffer_append(&out, STR("{\"status\":\"ok\""));
    for (enum channel_name i = 0; i < CHANNELS; i++)
        buffer_append_format(&out, ",\"%s_port\":%d", channel_name_text(i),
                             kernel->lifecycle.connection.ports[i]);
    buffer_append_byte(&out, '}');
    send_reply(&kernel->publisher, request, request->type->reply, buffer_str(&out));
    buffer_fini(&out);
    return HANDLED;
}
