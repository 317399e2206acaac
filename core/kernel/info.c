#include "kernel/info.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "kernel/state.h"

#ifndef PACKAGE_VERSION
#error "PACKAGE_VERSION comes from the build"
#endif

static bool is_known(const struct kernel *kernel)
{
    return kernel->session.hello.size > 0 || kernel->session.state == SESSION_NONE;
}

/* Without an evaluator: enough for clients to open a notebook and show what is wrong. */
static void write_unknown_language(struct kernel *kernel, struct buffer *out)
{
    struct str reason = STR("\"\"");
    struct buffer members = {0};
    buffer_append(out, STR(",\"language_info\":{\"name\":"));
    json_write_string(out, str_of(config_evaluator(kernel->config)));
    buffer_append(
        out, STR(",\"version\":\"\",\"mimetype\":\"text/plain\",\"file_extension\":\".txt\"}"));
    buffer_append_byte(&members, '{');
    buffer_append(&members, session_failure(&kernel->session));
    buffer_append_byte(&members, '}');
    json_get(buffer_str(&members), "evalue", &reason);
    buffer_append(out, STR(",\"banner\":"));
    buffer_append(out, reason);
    buffer_append(out, STR(",\"help_links\":[]"));
    buffer_fini(&members);
}

static void write_language(struct kernel *kernel, struct buffer *out)
{
    static const char *const keys[] = {"language_info", "banner", "help_links"};
    static const struct str fallbacks[] = {STR("{}"), STR("\"\""), STR("[]")};
    for (size_t i = 0; i < 3; i++) {
        struct str value = fallbacks[i];
        json_get(buffer_str(&kernel->session.hello), keys[i], &value);
        buffer_append_byte(out, ',');
        json_write_key(out, keys[i]);
        buffer_append(out, value);
    }
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
