#include "worker/serve.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "worker/channel.h"
#include "worker/checkpoint.h"
#include "worker/comms.h"
#include "worker/execute.h"
#include "worker/host.h"
#include "worker/interrupt.h"
#include "worker/settings.h"
#include "worker/worker.h"

#include <stdio.h>

static struct str reply_content(const struct buffer *content)
{
    return content->failed ? STR("{\"status\":\"error\",\"ename\":\"MemoryError\",\"evalue\":"
                                 "\"the reply is too large\",\"traceback\":[]}")
                           : buffer_str(content);
}

static void reply(struct worker *worker, struct str type, const struct buffer *content)
{
    channel_send(&worker->channel, type, worker->host.request, reply_content(content));
}

static void write_load_error(struct buffer *out, const struct report *report)
{
    buffer_append(out, STR("{\"status\":\"error\","));
    buffer_append(out, buffer_str(&report->members));
    buffer_append(out, STR(",\"metadata\":"));
    buffer_append(out, buffer_str(&report->metadata));
    buffer_append_byte(out, '}');
}

static void refuse_settings(struct worker *worker, const struct error *error, struct buffer *out)
{
    struct hilum_diagnostic diagnostic = {
        .struct_size = sizeof diagnostic,
        .severity = HILUM_SEVERITY_ERROR,
        .code = {"config.wrong-value", 18},
        .name = {"ConfigError", 11},
        .message = {error->sentence, strlen(error->sentence)},
    };
    worker->host.table.diagnostic(&worker->host.table, &diagnostic);
    write_load_error(out, host_error(&worker->host));
}

static void start_session(struct worker *worker, struct str content, struct buffer *out)
{
    buffer_append(out, STR("{\"status\":\"ok\"}"));
    checkpoints_enable(worker, json_member_is_true(content, "checkpoints"));
}

static void serve_load(struct worker *worker, const struct content *content)
{
    struct error error;
    struct settings settings;
    struct buffer out = {0};
    struct str object = STR("{}");
    json_get(content->whole, "settings", &object);
    if (!worker->session)
        worker_limits_load(&worker->host.limits, content->whole);
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
            start_session(worker, content->whole, &out);
        else
            write_load_error(&out, host_error(&worker->host));
        settings_fini(&settings);
    }
    reply(worker, STR("load_reply"), &out);
    buffer_fini(&out);
}

static void serve_complete(struct worker *worker, const struct content *content)
{
    struct host *host = &worker->host;
    struct buffer out = {0};
    size_t cursor = question_cursor(content->whole, host->code);
    if (interrupt_enter(&worker->evaluator, worker->session) && worker->evaluator.complete)
        worker->evaluator.complete(worker->session, str_to_plugin(host->code), cursor);
    interrupt_leave();
    if (!host->has_completions)
        host->completions.start = host->completions.end =
            utf8_count(str_slice(host->code, 0, cursor));
    completions_write(&host->completions, &out);
    reply(worker, STR("complete_reply"), &out);
    buffer_fini(&out);
}

static void serve_inspect(struct worker *worker, const struct content *content)
{
    struct host *host = &worker->host;
    struct buffer out = {0};
    struct str value;
    int64_t detail = 0;
    if (json_get(content->whole, "detail_level", &value) && !json_read_integer(value, &detail))
        detail = 0;
    if (interrupt_enter(&worker->evaluator, worker->session) && worker->evaluator.inspect)
        worker->evaluator.inspect(worker->session, str_to_plugin(host->code),
                                  question_cursor(content->whole, host->code), detail > 0);
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

static void serve_is_complete(struct worker *worker, const struct content *content)
{
    static const char *const names[] = {"complete", "incomplete", "invalid", "unknown"};
    (void)content;
    struct host *host = &worker->host;
    struct buffer out = {0};
    struct hilum_str indent = {NULL, 0};
    enum hilum_completeness answer = HILUM_UNKNOWN;
    if (interrupt_enter(&worker->evaluator, worker->session) && worker->evaluator.is_complete)
        answer = worker->evaluator.is_complete(worker->session, str_to_plugin(host->code), &indent);
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

static bool left_processes(struct worker *worker)
{
    if (!worker->host.changed && !offspring_untouched(&worker->offspring))
        return false;
    pid_t ours[CHECKPOINT_MAX + HOST_OWN_MAX];
    size_t count = checkpoints_list(&worker->checkpoints, ours);
    memcpy(ours + count, worker->host.own, worker->host.own_count * sizeof *ours);
    const struct offspring_known known = {ours, count + worker->host.own_count,
                                          worker->host.own_count};
    return offspring_exists(&worker->offspring, &known);
}

/*
 * The place of a cell's last messages: what is printed after it is the next cell's. False: it cannot be
 * told, so the next cell has to wait for the kernel.
 */
static bool find_place(struct worker *worker, struct link_at *at)
{
    struct host *host = &worker->host;
    *at = host_at(host);
    if (at->known && !worker->channel.unplaced)
        return true;
    if (!worker->request->more || !ring_writer_is_ours(&host->printer.ring))
        return false;
    host_sync(host);
    *at = host_at(host);
    return at->known;
}

/*
 * A cell has ended well: does another one begin here and now? Interrupts that come from here on are
 * that one's; one that came before is reason enough to stop, though the cell was quicker. False: what
 * was sent ahead is to be dropped.
 */
static bool go_on(struct worker *worker)
{
    struct link_message message;
    if (interrupt_pending())
        return false;
    if (channel_peek(&worker->channel, worker->request->more, &message) && message.ahead)
        worker->flight.next = message.id;
    return true;
}

static void serve_execute(struct worker *worker, const struct content *content)
{
    struct buffer out = {0};
    struct link_at at = {.known = false};
    worker->channel.unplaced = false;
    bool good = execute(worker, content, &out);
    bool offspring = left_processes(worker);
    bool forked = offspring_started(&worker->offspring);
    good = good && !offspring && !forked && find_place(worker, &at) && go_on(worker);
    worker->flight.halted = !good;
    host_send_result(&worker->host, &at);
    channel_send_message(&worker->channel, &(struct link_message){
                                               .type = STR("execute_reply"),
                                               .id = worker->host.request,
                                               .halted = !good,
                                               .offspring = offspring,
                                               .forked = forked,
                                               .unchanged = !worker->host.changed,
                                               .compile_us = worker->host.compile_us,
                                               .run_us = worker->host.run_us,
                                               .checkpoint_us = checkpoints_tell_cost(worker),
                                               .at = at,
                                               .part_count = 1,
                                               .parts = {reply_content(&out)},
                                           });
    buffer_fini(&out);
}

static const struct service {
    struct str type;
    struct str reply;
    enum service_kind kind;
    void (*serve)(struct worker *worker, const struct content *content);
} services[] = {
    {STR("execute_request"), STR("execute_reply"), SERVICE_CHANGE, serve_execute},
    {STR("complete_request"), STR("complete_reply"), SERVICE_QUESTION, serve_complete},
    {STR("inspect_request"), STR("inspect_reply"), SERVICE_QUESTION, serve_inspect},
    {STR("is_complete_request"), STR("is_complete_reply"), SERVICE_QUESTION, serve_is_complete},
    {STR("comm_open"), STR("comm_reply"), SERVICE_CHANGE, comms_serve},
    {STR("comm_msg"), STR("comm_reply"), SERVICE_CHANGE, comms_serve},
    {STR("comm_close"), STR("comm_reply"), SERVICE_CHANGE, comms_serve},
    {STR("load_request"), STR("load_reply"), SERVICE_LOAD, serve_load},
};

static const struct service *find_service(struct str type)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (str_equal(type, services[i].type))
            return &services[i];
    return NULL;
}

enum service_kind serve_kind(struct str type)
{
    const struct service *service = find_service(type);
    return service ? service->kind : SERVICE_NONE;
}

struct str serve_reply_type(struct str type)
{
    const struct service *service = find_service(type);
    return service ? service->reply : (struct str){NULL, 0};
}

/* The parts back to back in *bytes, and a message whose parts are those. False: no memory. */
static bool copy(const struct link_message *message, struct buffer *bytes,
                 struct link_message *copied)
{
    size_t at = 0;
    *copied = *message;
    for (size_t i = 0; i < message->part_count; i++)
        buffer_append(bytes, message->parts[i]);
    for (size_t i = 0; i < message->part_count; at += message->parts[i++].size)
        copied->parts[i] = str_slice(buffer_str(bytes), at, at + message->parts[i].size);
    return !bytes->failed;
}

/*
 * The message is copied, because it is only borrowed until the next one, and answers to `input`
 * arrive while the request is served. The code is unescaped here once, for all requests that
 * are about code.
 */
void serve_request(struct worker *worker, const struct link_message *message)
{
    const struct service *service = find_service(message->type);
    struct buffer bytes = {0}, code = {0};
    struct link_message request;
    if (!service || !json_check_object(link_content(message), NULL))
        return;
    if (!copy(message, &bytes, &request))
        channel_abandon();
    const struct content content = content_read(link_content(&request));
    json_unescape(content.code, &code);
    host_begin(&worker->host, &request, buffer_str(&code));
    worker_limits_begin(&worker->host.limits, content.limits);
    worker->request = &request;
    if (worker->flight.next == 0)
        interrupt_begin();
    worker->flight.next = 0;
    ring_writer_begin(&worker->host.printer.ring, request.id);
    service->serve(worker, &content);
    if (worker->flight.next == 0)
        interrupt_end();
    worker->request = NULL;
    channel_flush(&worker->channel);
    buffer_fini(&bytes);
    buffer_fini(&code);
}
