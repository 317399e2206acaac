#include "kernel/status.h"
#include "base/json_write.h"
#include "kernel/state.h"

#include <unistd.h>

#define ROWS_MAX 24

struct row {
    const char *label;
    struct buffer value;
};

struct status {
    const struct kernel *kernel;
    struct process_use use;
    struct row rows[ROWS_MAX];
    size_t count;
};

/* Where the value of a new row is to be written. */
static struct buffer *add_row(struct status *status, const char *label)
{
    struct row *row = &status->rows[status->count < ROWS_MAX ? status->count++ : ROWS_MAX - 1];
    row->label = label;
    return &row->value;
}

static void add_session(struct status *status)
{
    static const char *const states[SESSION_STATES] = {
        [SESSION_NONE] = "there is none",
        [SESSION_STARTING] = "starting",
        [SESSION_LOADING] = "loading",
        [SESSION_READY] = "ready",
        [SESSION_RETURNING] = "returning to a checkpoint",
    };
    const struct session *session = &status->kernel->session;
    struct buffer *value = add_row(status, "session");
    buffer_append_format(value, "%s, %s", config_evaluator(status->kernel->config),
                         states[session->state]);
    if (session->worker)
        buffer_append_format(value, ", process %ld", (long)worker_pid(session->worker));
}

static void add_kernel(struct status *status)
{
    struct buffer *value = add_row(status, "kernel");
    buffer_append_format(value, "process %ld, ", (long)getpid());
    limit_write_amount(LIMIT_MEMORY, process_memory(getpid()), value);
}

static void explain_checkpoints(const struct session *session, struct buffer *out)
{
    if (!config_flag(session->config, "checkpoints.enabled"))
        buffer_append(out, STR(": \"checkpoints.enabled\" is false"));
    else if (session->checkpointless.size)
        buffer_append_format(out, ": %.*s", STR_FORMAT(buffer_str(&session->checkpointless)));
}

/* How far back %undo can go, and what that costs. */
static void add_checkpoints(struct status *status)
{
    const struct session *session = &status->kernel->session;
    struct buffer *value = add_row(status, "checkpoints");
    pid_t pids[SLEEPERS_MAX];
    size_t count = sleepers_pids(&session->sleepers, pids);
    int64_t memory = 0;
    if (!session->has_checkpoints && !count) {
        buffer_append(value, STR("none"));
        explain_checkpoints(session, value);
        return;
    }
    for (size_t i = 0; i < count; i++)
        memory += process_private_memory(pids[i]);
    buffer_append_format(value, "%zu, depth %lld", count,
                         (long long)config_integer(session->config, "checkpoints.depth"));
    for (size_t i = 0; i < count; i++)
        buffer_append_format(value, "%s%ld",
                             i            ? " "
                             : count == 1 ? ", process "
                                          : ", processes ",
                             (long)pids[i]);
    if (count) {
        buffer_append(value, STR(", "));
        limit_write_amount(LIMIT_MEMORY, memory, value);
        buffer_append(value, STR(" of their own"));
    }
    if (!session->has_checkpoints) {
        buffer_append(value, STR("; there will be no more"));
        explain_checkpoints(session, value);
    }
}

static void append_limit(const struct limit *limit, enum limit_kind kind, struct buffer *out)
{
    if (limit->soft) {
        buffer_append(out, STR("limit "));
        limit_write_amount(kind, limit->soft, out);
    }
    if (limit->hard) {
        buffer_append_cstr(out, limit->soft ? ", hard limit " : "hard limit ");
        limit_write_amount(kind, limit->hard, out);
    }
    if (!limit->soft && !limit->hard)
        buffer_append(out, STR("no limit"));
}

static void add_limits(struct status *status)
{
    const int64_t used[LIMIT_KINDS] = {
        [LIMIT_MEMORY] = status->use.memory,
        [LIMIT_PROCESSES] = status->use.processes,
        [LIMIT_OPEN_FILES] = status->use.open_files,
    };
    for (int kind = 0; kind < LIMIT_KINDS; kind++) {
        const struct limit_description *description = &limits_table[kind];
        struct buffer *value = add_row(status, description->label);
        if (description->of_session) {
            limit_write_amount((enum limit_kind)kind, used[kind], value);
            buffer_append(value, STR("; "));
        }
        append_limit(&status->kernel->guard.cell.of[kind], (enum limit_kind)kind, value);
        if (!description->of_session)
            buffer_append(value, STR(" for a cell"));
    }
}

static void add_queue(struct status *status)
{
    const struct kernel *kernel = status->kernel;
    buffer_append_format(add_row(status, "queue"), "%zu waiting", kernel->queue.count);
    buffer_append_format(add_row(status, "cells"), "%lld counted",
                         (long long)kernel->execution.count);
}

/* The groups of rows, in their order. */
static void (*const groups[])(struct status *status) = {add_session, add_checkpoints, add_limits,
                                                        add_queue, add_kernel};

static void append_escaped(struct str text, struct buffer *out)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '<')
            buffer_append(out, STR("&lt;"));
        else if (text.data[i] == '&')
            buffer_append(out, STR("&amp;"));
        else
            buffer_append_byte(out, text.data[i]);
    }
}

static void write_text(const struct status *status, struct buffer *out)
{
    for (size_t i = 0; i < status->count; i++)
        buffer_append_format(out, "%s%-11s  %.*s", i ? "\n" : "", status->rows[i].label,
                             STR_FORMAT(buffer_str(&status->rows[i].value)));
}

static void write_html(const struct status *status, struct buffer *out)
{
    buffer_append(out, STR("<table>"));
    for (size_t i = 0; i < status->count; i++) {
        buffer_append_format(out, "<tr><th style=\"text-align:left\">%s</th><td>",
                             status->rows[i].label);
        append_escaped(buffer_str(&status->rows[i].value), out);
        buffer_append(out, STR("</td></tr>"));
    }
    buffer_append(out, STR("</table>"));
}

static void write_bundle(const struct status *status, struct buffer *out)
{
    struct buffer text = {0}, html = {0};
    write_text(status, &text);
    write_html(status, &html);
    buffer_append(out, STR("{\"data\":{\"text/plain\":"));
    json_write_string(out, buffer_str(&text));
    buffer_append(out, STR(",\"text/html\":"));
    json_write_string(out, buffer_str(&html));
    buffer_append(out, STR("},\"metadata\":{},\"transient\":{}}"));
    buffer_fini(&text);
    buffer_fini(&html);
}

void status_show(struct kernel *kernel)
{
    struct status status = {.kernel = kernel};
    struct buffer content = {0};
    guard_measure(kernel, &status.use);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        groups[i](&status);
    write_bundle(&status, &content);
    if (!kernel->execution.silent)
        publish(&kernel->publisher, STR("display_data"), kernel->execution.active,
                buffer_str(&content));
    buffer_fini(&content);
    for (size_t i = 0; i < status.count; i++)
        buffer_fini(&status.rows[i].value);
}
