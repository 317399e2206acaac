#include "kernel/finish.h"
#include "base/json_scan.h"
#include "diagnostics/report.h"
#include "kernel/comms.h"
#include "kernel/intake.h"
#include "kernel/state.h"
#include "kernel/tally.h"
#include "kernel/timing.h"
#include "protocol/date.h"

/* How long a cell may have been on its way when an error overtakes it. */
#define OVERTAKING_MS 100

static bool is_cell(const struct request *request)
{
    return request->type->handle == execution_handle_execute;
}

static bool is_doomed(const struct request *request)
{
    return request->doomed;
}

void finish_write_count(struct buffer *out, int64_t count)
{
    buffer_append(out, STR("\"execution_count\":"));
    buffer_append_integer(out, count);
}

void finish_abort(struct kernel *kernel, struct request *request)
{
    struct buffer reply = {0};
    publish_status(&kernel->publisher, request, STR("busy"));
    buffer_append(&reply, STR("{\"status\":\"aborted\","));
    finish_write_count(&reply, kernel->execution.count);
    buffer_append_byte(&reply, '}');
    send_reply(&kernel->publisher, request, request->type->reply, buffer_str(&reply));
    buffer_fini(&reply);
    router_finish(kernel, request);
}

static void abort_cell(void *kernel, struct request *request)
{
    finish_abort(kernel, request);
}

void finish_doom_queued(struct kernel *kernel)
{
    for (struct request *request = kernel->queue.first; request; request = request->next)
        request->doomed = is_cell(request);
    kernel->execution.has_doomed = true;
}

void finish_doom_sent(struct kernel *kernel)
{
    /* Among what is taken in may be an interrupt; the active request has its end already. */
    kernel->execution.finishing = true;
    intake_take_shell(kernel);
    finish_doom_queued(kernel);
    kernel->execution.failed_at = date_now();
    kernel->execution.failed_until = loop_now() + OVERTAKING_MS;
}

bool finish_is_overtaken(const struct kernel *kernel, const struct request *request)
{
    struct str date;
    int64_t sent;
    return is_cell(request) && loop_now() < kernel->execution.failed_until &&
           json_get(request->header, "date", &date) && date.size > 2 &&
           date_parse(str_slice(date, 1, date.size - 1), &sent) &&
           sent < kernel->execution.failed_at;
}

void finish_doomed(struct kernel *kernel)
{
    /* Those in flight may have been begun; the others' answers come after theirs. */
    if (!kernel->execution.has_doomed || kernel->flight.count)
        return;
    kernel->execution.has_doomed = false;
    queue_extract(&kernel->queue, is_doomed, abort_cell, kernel);
}

void finish(struct kernel *kernel, struct str content)
{
    struct execution *e = &kernel->execution;
    struct request *request = e->active;
    guard_end(kernel);
    loop_stop_timer(&kernel->loop, &e->grace);
    loop_stop_timer(&kernel->loop, &e->hold);
    /* With others in flight, the interrupt goes on: it came too late for this one, and the worker runs
     * the next. */
    if (e->interrupted && kernel->session.worker && !kernel->flight.count)
        worker_calm_down(kernel->session.worker);
    stdin_forget(kernel);
    capture_end_output(kernel);
    tally_finished(kernel, request, content, e->is_cell && e->sent);
    if (e->is_cell && e->sent)
        timing_report(kernel, request);
    if (request->type->reply.size)
        send_reply(&kernel->publisher, request, request->type->reply, content);
    else
        comms_settle(kernel, request, e->accepted);
    e->active = NULL;
    router_finish(kernel, request);
    if (e->has_output && e->sent)
        capture_end_cell(kernel, e->offspring, e->forked);
    guard_settle(kernel);
    finish_doomed(kernel);
}

static void publish_error(struct kernel *kernel, struct str members)
{
    struct buffer content = {0};
    buffer_append_byte(&content, '{');
    buffer_append(&content, members);
    buffer_append_byte(&content, '}');
    capture_flush(kernel);
    if (!kernel->execution.silent)
        publish(&kernel->publisher, STR("error"), kernel->execution.active, buffer_str(&content));
    buffer_fini(&content);
}

/* The reply to a request that failed; `members` are ename, evalue and traceback. */
static void write_failure(struct kernel *kernel, const struct request *request, struct str members,
                          struct buffer *out)
{
    if (str_equal(request->type->reply, STR("is_complete_reply"))) {
        /* Its status is the answer and has no value for errors (messaging specification). */
        buffer_append(out, STR("{\"status\":\"unknown\"}"));
        return;
    }
    buffer_append(out, STR("{\"status\":\"error\","));
    if (is_cell(request)) {
        finish_write_count(out, kernel->execution.count);
        buffer_append_byte(out, ',');
    }
    buffer_append(out, members);
    buffer_append_byte(out, '}');
}

void finish_with_error(struct kernel *kernel, struct str members)
{
    struct execution *e = &kernel->execution;
    struct buffer reply = {0};
    if (e->is_cell && e->stop_on_error)
        finish_doom_sent(kernel);
    if (e->has_output)
        publish_error(kernel, members);
    write_failure(kernel, e->active, members, &reply);
    finish(kernel, buffer_str(&reply));
    buffer_fini(&reply);
}

void finish_interrupted(struct kernel *kernel, const char *sentence)
{
    struct execution *e = &kernel->execution;
    struct buffer members = {0}, reply = {0};
    report_write(&members, "Interrupted", sentence);
    if (e->is_cell) {
        publish_error(kernel, buffer_str(&members));
        buffer_append(&reply, STR("{\"status\":\"aborted\","));
        finish_write_count(&reply, e->count);
        buffer_append_byte(&reply, '}');
    } else {
        write_failure(kernel, e->active, buffer_str(&members), &reply);
    }
    finish(kernel, buffer_str(&reply));
    buffer_fini(&members);
    buffer_fini(&reply);
}

enum handled finish_refused(struct kernel *kernel, struct request *request, const char *name,
                            const char *sentence)
{
    struct buffer members = {0}, reply = {0};
    report_write(&members, name, sentence);
    write_failure(kernel, request, buffer_str(&members), &reply);
    if (request->type->reply.size)
        send_reply(&kernel->publisher, request, request->type->reply, buffer_str(&reply));
    buffer_fini(&members);
    buffer_fini(&reply);
    return HANDLED;
}
