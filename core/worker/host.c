#include "worker/host.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "diagnostics/text.h"
#include "worker/comms.h"
#include "worker/interrupt.h"
#include "worker/print.h"
#include "worker/show.h"

#include <unistd.h>

#define KEEP ((size_t)64 << 10)
/* What jupyter_console sends for Ctrl-D, and ipykernel takes for it. */
#define END_OF_INPUT STR("\x04")

struct host *host_of(const struct hilum_host *table)
{
    return (struct host *)(uintptr_t)table;
}

static struct buffer *scratch(struct host *host)
{
    buffer_clear(&host->scratch, KEEP);
    return &host->scratch;
}

static void host_log(const struct hilum_host *table, enum hilum_log_level level,
                     struct hilum_str text)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    struct host *host = host_of(table);
    struct buffer *out = scratch(host);
    buffer_append(out, STR("{\"level\":"));
    json_write_string(out, str_of(names[(unsigned)level < 4 ? level : HILUM_LOG_INFO]));
    buffer_append(out, STR(",\"text\":"));
    json_write_string(out, str_from_plugin(text));
    buffer_append_byte(out, '}');
    channel_send(host->channel, STR("log"), host->request, buffer_str(out));
    channel_flush(host->channel);
}

void host_complain(struct host *host, const char *sentence)
{
    host_log(&host->table, HILUM_LOG_WARNING, (struct hilum_str){sentence, strlen(sentence)});
}

/* Waits for one type of message while a request is being served. An order to shut down cannot wait
 * for the request, so it ends the process. False: interrupted. */
static bool await(struct host *host, struct str type, struct link_message *message,
                  bool (*interrupted)(void))
{
    do {
        if (channel_receive(host->channel, message, interrupted) == CHANNEL_INTERRUPTED)
            return false;
        if (str_equal(message->type, STR("shutdown_request")))
            channel_abandon();
        if (message->ahead)
            channel_keep(host->channel, message);
    } while (!str_equal(message->type, type));
    return true;
}

void host_send_result(struct host *host, const struct link_at *at)
{
    if (!host->has_held_result)
        return;
    host->has_held_result = false;
    channel_send_message(host->channel, &(struct link_message){
                                            .type = STR("execute_result"),
                                            .id = host->request,
                                            .at = *at,
                                            .part_count = 1,
                                            .parts = {buffer_str(&host->held_result)},
                                        });
    buffer_clear(&host->held_result, KEEP);
}

void host_sync(struct host *host)
{
    struct link_message message;
    if (host->idle) {
        channel_flush(host->channel);
        return;
    }
    host_send_result(host, &(struct link_at){.known = false});
    channel_send(host->channel, STR("sync_request"), host->request, (struct str){0});
    channel_flush(host->channel);
    (void)await(host, STR("sync_reply"), &message, NULL);
    host->channel->unplaced = false;
}

struct link_at host_at(struct host *host)
{
    return printer_at(&host->printer, !host->changed);
}

void host_redirect(struct host *host)
{
    if (channel_redirect(host->channel))
        printer_redirected(&host->printer);
}

void host_resume(struct host *host)
{
    ring_writer_own(&host->printer.ring);
    printer_forget(&host->printer);
}

void host_send_in_order(struct host *host, struct str type, struct str content)
{
    struct link_message message = {
        .type = type,
        .id = host->request,
        .at = printer_at(&host->printer, false),
        .part_count = 1,
        .parts = {content},
    };
    host_send_result(host, &message.at);
    channel_send_message(host->channel, &message);
    if (message.at.known)
        channel_flush(host->channel);
    else
        host_sync(host);
}

/* Before a cell there is nowhere to display. */
static void print_remark(struct host *host, const struct hilum_diagnostic *diagnostic)
{
    struct buffer text = {0};
    diagnostic_write_text(&text, diagnostic, &host->scene, false);
    print_stream(&host->table, HILUM_STDERR, str_to_plugin(buffer_str(&text)));
    buffer_fini(&text);
}

/* Warnings and notes fail nothing. */
static void show_remark(struct host *host, const struct hilum_diagnostic *diagnostic)
{
    struct buffer content = {0};
    if (host->request == 0) {
        print_remark(host, diagnostic);
        return;
    }
    report_write_display(&content, diagnostic, &host->scene);
    if (content.failed)
        host_complain(host, "a warning is too large to be shown");
    else
        host_send_in_order(host, STR("display_data"), buffer_str(&content));
    buffer_fini(&content);
}

static void host_diagnostic(const struct hilum_host *table,
                            const struct hilum_diagnostic *diagnostic)
{
    struct host *host = host_of(table);
    if (diagnostic->severity == HILUM_SEVERITY_NOTE ||
        diagnostic->severity == HILUM_SEVERITY_WARNING) {
        show_remark(host, diagnostic);
        return;
    }
    report_set(&host->error, diagnostic, &host->scene);
    host->has_error = true;
}

/* Answers to a question that an interrupt had already ended. */
static void drop_stale_answers(struct host *host)
{
    struct link_message message;
    while (channel_poll(host->channel, &message) == CHANNEL_MESSAGE)
        if (str_equal(message.type, STR("shutdown_request")))
            channel_abandon();
        else if (message.ahead)
            channel_keep(host->channel, &message);
}

static enum hilum_status await_line(struct host *host, struct hilum_str *line)
{
    struct link_message message;
    struct str value;
    if (!await(host, STR("input_reply"), &message, interrupt_pending))
        return HILUM_INTERRUPTED;
    buffer_clear(&host->line, KEEP);
    if (!json_check_object(link_content(&message), NULL) ||
        !json_get(link_content(&message), "value", &value) || !json_unescape(value, &host->line))
        return HILUM_UNAVAILABLE;
    if (str_equal(buffer_str(&host->line), END_OF_INPUT))
        return HILUM_END_OF_INPUT;
    *line = str_to_plugin(buffer_str(&host->line));
    return HILUM_OK;
}

static enum hilum_status host_input(const struct hilum_host *table, struct hilum_str prompt,
                                    bool password, struct hilum_str *line)
{
    struct host *host = host_of(table);
    if (!host->allow_stdin || host->idle)
        return HILUM_UNAVAILABLE;
    drop_stale_answers(host);
    struct buffer *out = scratch(host);
    buffer_append(out, STR("{\"prompt\":"));
    json_write_string(out, str_from_plugin(prompt));
    buffer_append_cstr(out, password ? ",\"password\":true}" : ",\"password\":false}");
    host_send_result(host, &(struct link_at){.known = false});
    channel_send(host->channel, STR("input_request"), host->request, buffer_str(out));
    channel_flush(host->channel);
    return await_line(host, line);
}

static bool host_cancelled(const struct hilum_host *table)
{
    (void)table;
    return interrupt_pending();
}

static void host_completions(const struct hilum_host *table, size_t start, size_t end,
                             const struct hilum_completion *items, size_t count)
{
    struct host *host = host_of(table);
    if (host->has_completions) {
        host_complain(host, "completions were given twice; the second list is dropped");
        return;
    }
    host->has_completions = true;
    host->completions.start = utf8_count(str_slice(host->code, 0, start));
    host->completions.end = utf8_count(str_slice(host->code, 0, end));
    for (size_t i = 0; i < count; i++)
        completions_add(&host->completions, str_from_plugin(items[i].text),
                        str_from_plugin(items[i].type));
}

static void host_put_inspection(const struct hilum_host *table, const struct hilum_bundle *bundle)
{
    struct host *host = host_of(table);
    if (host->has_inspection)
        return;
    host->has_inspection = true;
    show_write_bundle(host, &host->inspection, bundle);
}

static const struct hilum_limits *host_limits(const struct hilum_host *table)
{
    return &host_of(table)->limits.now;
}

static void host_unchanged(const struct hilum_host *table)
{
    host_of(table)->unchanged = true;
}

static void host_own_processes(const struct hilum_host *table, const int64_t *pids, size_t count)
{
    struct host *host = host_of(table);
    struct buffer *out = scratch(host);
    host->own_count = count < HOST_OWN_MAX ? count : HOST_OWN_MAX;
    buffer_append(out, STR("{\"pids\":["));
    for (size_t i = 0; i < host->own_count; i++) {
        host->own[i] = (pid_t)pids[i];
        buffer_append_format(out, "%s%lld", i ? "," : "", (long long)pids[i]);
    }
    buffer_append(out, STR("]}"));
    channel_send(host->channel, STR("own_processes"), host->request, buffer_str(out));
    channel_flush(host->channel);
}

static void host_facts(const struct hilum_host *table, struct hilum_str object)
{
    struct host *host = host_of(table);
    if (json_check_object(str_from_plugin(object), NULL)) {
        channel_send(host->channel, STR("facts"), host->request, str_from_plugin(object));
        channel_flush(host->channel);
    } else {
        host_complain(host, "facts must be a JSON object");
    }
}

static void host_watch(const struct hilum_host *table, int fd,
                       void (*ready)(struct hilum_session *session), struct hilum_session *session)
{
    struct host *host = host_of(table);
    host->watched = fd;
    host->watch_ready = ready;
    host->watch_session = session;
}

static void host_sync_public(const struct hilum_host *table)
{
    host_sync(host_of(table));
}

static void host_lost(const struct hilum_host *table, struct hilum_str cause, bool untouched)
{
    struct host *host = host_of(table);
    struct buffer *out = scratch(host);
    buffer_append(out, STR("{\"cause\":"));
    json_write_string(out, str_from_plugin(cause));
    buffer_append_cstr(out, untouched ? ",\"untouched\":true}" : ",\"untouched\":false}");
    channel_send(host->channel, STR("lost"), host->request, buffer_str(out));
    channel_flush(host->channel);
    _exit(1);
}

static const struct hilum_host table = {
    .abi_version = HILUM_ABI_VERSION,
    .struct_size = sizeof table,
    .stream = print_stream,
    .display = show_display,
    .update_display = show_update_display,
    .result = show_result,
    .clear_output = show_clear_output,
    .diagnostic = host_diagnostic,
    .input = host_input,
    .cancelled = host_cancelled,
    .log = host_log,
    .completions = host_completions,
    .inspection = host_put_inspection,
    .limits = host_limits,
    .unchanged = host_unchanged,
    .comm_open = comms_open,
    .comm_msg = comms_send,
    .comm_close = comms_close,
    .sync = host_sync_public,
    .own_processes = host_own_processes,
    .facts = host_facts,
    .watch = host_watch,
    .lost = host_lost,
    .stream_on = print_stream_on,
};

void host_init(struct host *host, struct channel *channel)
{
    *host = (struct host){.table = table, .channel = channel, .watched = -1};
    printer_init(&host->printer);
}

void host_fini(struct host *host)
{
    printer_fini(&host->printer);
    buffer_fini(&host->result);
    buffer_fini(&host->held_result);
    report_fini(&host->error);
    completions_fini(&host->completions);
    buffer_fini(&host->inspection);
    worker_limits_fini(&host->limits);
    buffer_fini(&host->line);
    buffer_fini(&host->scratch);
}

void host_begin(struct host *host, const struct link_message *request, struct str code)
{
    host->request = request->id;
    host->execution_count = request->execution_count;
    host->code = code;
    host->scene = (struct diagnostic_scene){{NULL, 0}, code};
    host->allow_stdin = false;
    host->changed = false;
    host->compile_us = host->run_us = 0;
    host->last_stream = 0;
    printer_forget(&host->printer);
    host->has_completions = false;
    host->has_inspection = false;
    buffer_clear(&host->completions.texts, KEEP);
    buffer_clear(&host->completions.types, KEEP);
    buffer_clear(&host->inspection, KEEP);
    host_reset_outcome(host, HOST_RESULT_PUBLISH);
}

void host_reset_outcome(struct host *host, enum host_result mode)
{
    host->result_mode = mode;
    host->has_result = false;
    host->has_error = false;
    buffer_clear(&host->result, KEEP);
    report_clear(&host->error);
}

const struct report *host_error(struct host *host)
{
    if (!host->has_error)
        host_diagnostic(&host->table,
                        &(struct hilum_diagnostic){
                            .struct_size = sizeof(struct hilum_diagnostic),
                            .severity = HILUM_SEVERITY_ERROR,
                            .code = {"evaluator.no-reason", 19},
                            .name = {"EvaluatorError", 14},
                            .message = {"the evaluator failed without saying why", 39},
                        });
    return &host->error;
}
