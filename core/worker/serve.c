#include "worker/serve.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "worker/channel.h"
#include "worker/describe.h"
#include "worker/execute.h"
#include "worker/host.h"
#include "worker/interrupt.h"
#include "worker/plugin.h"
#include "worker/settings.h"
#include "worker/worker.h"

#include <poll.h>
#include <stdio.h>

static void reply(struct worker *worker, struct str type, const struct buffer *content)
{
    channel_send(&worker->channel, type, worker->host.request,
                 content->failed ? STR("{\"status\":\"error\",\"ename\":\"MemoryError\",\"evalue\":"
                                       "\"the reply is too large\",\"traceback\":[]}")
                                 : buffer_str(content));
}

static void write_load_error(struct buffer *out, struct str error)
{
    buffer_append(out, STR("{\"status\":\"error\","));
    buffer_append(out, error);
    buffer_append_byte(out, '}');
}

static void refuse_settings(struct worker *worker, const struct error *error, struct buffer *out)
{
    struct hilum_diagnostic diagnostic = {
        .struct_size = sizeof diagnostic,
        .severity = HILUM_SEVERITY_ERROR,
        .name = {"ConfigError", 11},
        .message = {error->sentence, strlen(error->sentence)},
    };
    worker->host.table.diagnostic(&worker->host.table, &diagnostic);
    write_load_error(out, host_error(&worker->host));
}

static void serve_load(struct worker *worker, struct str content)
{
    struct error error;
    struct settings settings;
    struct buffer out = {0};
    struct str object = STR("{}");
    json_get(content, "settings", &object);
    if (worker->session) {
        buffer_append(&out, STR("{\"status\":\"ok\"}"));
    } else if (!settings_init(&settings, worker->evaluator.options, object, &error)) {
        refuse_settings(worker, &error, &out);
    } else {
        enum hilum_status status = HILUM_INTERRUPTED;
        if (interrupt_enter(&worker->evaluator, NULL))
            status = worker->evaluator.load(&worker->host.table, settings.items, settings.count,
                                            &worker->session);
        interrupt_leave();
        if (status == HILUM_OK)
            buffer_append(&out, STR("{\"status\":\"ok\"}"));
        else
            write_load_error(&out, host_error(&worker->host));
        settings_fini(&settings);
    }
    reply(worker, STR("load_reply"), &out);
    buffer_fini(&out);
}

/* cursor_pos in code points to bytes of the code; out of range or missing: the end. */
static size_t cursor_of(struct str content, struct str code)
{
    struct str value;
    int64_t position;
    if (!json_get(content, "cursor_pos", &value) || !json_read_integer(value, &position))
        return code.size;
    return position < 0 ? 0 : utf8_offset(code, (size_t)position);
}

static void serve_complete(struct worker *worker, struct str content)
{
    struct host *host = &worker->host;
    struct buffer out = {0};
    size_t cursor = cursor_of(content, host->code);
    if (interrupt_enter(&worker->evaluator, worker->session) && worker->evaluator.complete)
        worker->evaluator.complete(worker->session,
                                   (struct hilum_str){host->code.data, host->code.size}, cursor);
    interrupt_leave();
    if (!host->has_completions)
        host->cursor_start = host->cursor_end = utf8_count(str_slice(host->code, 0, cursor));
    buffer_append(&out, STR("{\"status\":\"ok\",\"matches\":["));
    buffer_append(&out, buffer_str(&host->matches));
    buffer_append_format(&out, "],\"cursor_start\":%zu,\"cursor_end\":%zu,", host->cursor_start,
                         host->cursor_end);
    buffer_append(&out, STR("\"metadata\":{\"_jupyter_types_experimental\":["));
    buffer_append(&out, buffer_str(&host->match_types));
    buffer_append(&out, STR("]}}"));
    out.failed |= host->matches.failed || host->match_types.failed;
    reply(worker, STR("complete_reply"), &out);
    buffer_fini(&out);
}

static void serve_inspect(struct worker *worker, struct str content)
{
    struct host *host = &worker->host;
    struct buffer out = {0};
    struct str value;
    int64_t detail = 0;
    if (json_get(content, "detail_level", &value) && !json_read_integer(value, &detail))
        detail = 0;
    if (interrupt_enter(&worker->evaluator, worker->session) && worker->evaluator.inspect)
        worker->evaluator.inspect(worker->session,
                                  (struct hilum_str){host->code.data, host->code.size},
                                  cursor_of(content, host->code), detail > 0);
    interrupt_leave();
    if (host->has_inspection) {
        buffer_append(&out, STR("{\"status\":\"ok\",\"found\":true,"));
        buffer_append(&out, buffer_str(&host->inspection));
        buffer_append_byte(&out, '}');
    } else {
        buffer_append(&out, STR("{\"status\":\"ok\",\"found\":false,\"data\":{},\"metadata\":{}}"));
    }
    out.failed |= host->inspection.failed;
    reply(worker, STR("inspect_reply"), &out);
    buffer_fini(&out);
}

static void serve_is_complete(struct worker *worker, struct str content)
{
    static const char *const names[] = {"complete", "incomplete", "invalid", "unknown"};
    (void)content;
    struct host *host = &worker->host;
    struct buffer out = {0};
    struct hilum_str indent = {NULL, 0};
    enum hilum_completeness answer = HILUM_UNKNOWN;
    if (interrupt_enter(&worker->evaluator, worker->session) && worker->evaluator.is_complete)
        answer = worker->evaluator.is_complete(
            worker->session, (struct hilum_str){host->code.data, host->code.size}, &indent);
    interrupt_leave();
    buffer_append(&out, STR("{\"status\":\""));
    buffer_append_cstr(&out, names[(unsigned)answer < 4 ? answer : HILUM_UNKNOWN]);
    buffer_append_byte(&out, '"');
    if (answer == HILUM_INCOMPLETE) {
        buffer_append(&out, STR(",\"indent\":"));
        json_write_string(&out, (struct str){indent.data, indent.size});
    }
    buffer_append_byte(&out, '}');
    reply(worker, STR("is_complete_reply"), &out);
    buffer_fini(&out);
}

static void serve_execute(struct worker *worker, struct str content)
{
    struct buffer out = {0};
    execute(worker, content, &out);
    reply(worker, STR("execute_reply"), &out);
    buffer_fini(&out);
}

static const struct service {
    struct str type;
    void (*serve)(struct worker *worker, struct str content);
} services[] = {
    {STR("execute_request"), serve_execute}, {STR("complete_request"), serve_complete},
    {STR("inspect_request"), serve_inspect}, {STR("is_complete_request"), serve_is_complete},
    {STR("load_request"), serve_load},
};

static const struct service *find_service(struct str type)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (str_equal(type, services[i].type))
            return &services[i];
    return NULL;
}

/*
 * The content is copied, because a message is only borrowed until the next one, and answers to
 * `input` arrive while the request is served. The code is unescaped here once, for all requests that
 * are about code.
 */
static void serve_request(struct worker *worker, const struct service *service,
                          const struct link_message *message)
{
    struct buffer content = {0}, code = {0};
    struct str value;
    if (!json_check_object(link_content(message), NULL))
        return;
    buffer_append(&content, link_content(message));
    if (json_get(buffer_str(&content), "code", &value))
        json_unescape(value, &code);
    host_begin(&worker->host, message, buffer_str(&code));
    interrupt_begin();
    service->serve(worker, buffer_str(&content));
    interrupt_end();
    channel_flush(&worker->channel);
    buffer_fini(&content);
    buffer_fini(&code);
}

static void say_hello(struct worker *worker, const char *error)
{
    struct buffer content = {0};
    if (error)
        describe_failure(error, &content);
    else
        describe_evaluator(&worker->evaluator, &content);
    channel_send(&worker->channel, STR("hello"), 0, buffer_str(&content));
    channel_flush(&worker->channel);
    buffer_fini(&content);
}

/* Waits for the next request, and serves the descriptor that the evaluator watches meanwhile. */
static void await_request(struct worker *worker, struct link_message *message)
{
    struct host *host = &worker->host;
    while (host->watched >= 0 && channel_poll(&worker->channel, message) != CHANNEL_MESSAGE) {
        struct pollfd fds[] = {{.fd = worker->channel.fd, .events = POLLIN},
                               {.fd = host->watched, .events = POLLIN}};
        if (poll(fds, 2, -1) > 0 && fds[1].revents && !fds[0].revents) {
            host->idle = true;
            host->watch_ready(host->watch_session);
            fflush(NULL);
            channel_flush(&worker->channel);
            host->idle = false;
        }
    }
    if (host->watched < 0)
        channel_receive(&worker->channel, message, NULL);
}

static void serve_until_shutdown(struct worker *worker)
{
    struct link_message message;
    for (;;) {
        await_request(worker, &message);
        if (str_equal(message.type, STR("shutdown_request")))
            return;
        if (str_equal(message.type, STR("redirect")))
            channel_redirect(&worker->channel);
        const struct service *service = find_service(message.type);
        if (service && (worker->session || service->serve == serve_load))
            serve_request(worker, service, &message);
    }
}

int serve(int fd, const char *file)
{
    struct worker worker = {.session = NULL};
    struct error error;
    channel_init(&worker.channel, fd);
    host_init(&worker.host, &worker.channel);
    bool opened = plugin_open(file, &worker.evaluator, &error);
    say_hello(&worker, opened ? NULL : error.sentence);
    if (opened)
        serve_until_shutdown(&worker);
    if (worker.session)
        worker.evaluator.unload(worker.session);
    fflush(NULL);
    host_fini(&worker.host);
    channel_fini(&worker.channel);
    return opened ? 0 : 1;
}
