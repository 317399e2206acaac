#include "kernel/execution.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "config/config.h"
#include "diagnostics/report.h"
#include "kernel/finish.h"
#include "kernel/history.h"
#include "kernel/state.h"
#include "kernel/stdin.h"
#include "telemetry/log.h"

#include <stdio.h>

#define NO_CODE "\"code\" in the request must be a string"

/*
 * How long an error is held back. "Run all" sends cell after cell, and those that come before anybody
 * can know of the error belong to what it aborts. Evaluators fail faster than clients send.
 */
#define HOLD_MS 10
#define KEEP    ((size_t)64 << 10)

static void give_up(void *context);
static void tell_failure(void *context);

void execution_init(struct kernel *kernel)
{
    kernel->execution = (struct execution){
        .grace = {.fire = give_up, .context = kernel},
        .hold = {.fire = tell_failure, .context = kernel},
    };
}

void execution_fini(struct kernel *kernel)
{
    loop_stop_timer(&kernel->loop, &kernel->execution.grace);
    loop_stop_timer(&kernel->loop, &kernel->execution.hold);
    buffer_fini(&kernel->execution.held_error);
    buffer_fini(&kernel->execution.held_reply);
    request_unref(kernel->execution.active);
    kernel->execution.active = NULL;
}

static bool is_comm(const struct execution *execution)
{
    return execution->has_output && !execution->is_cell;
}

static void add_comm_parts(struct link_message *message, const struct request *request)
{
    message->parts[message->part_count++] = request->metadata;
    for (size_t i = 0; i < request->buffer_count && message->part_count < LINK_PARTS_MAX; i++)
        message->parts[message->part_count++] = request->buffers[i];
}

static void send_to_worker(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    e->sent = true;
    e->heard = false;
    buffer_clear(&e->held_error, KEEP);
    if (e->has_output)
        capture_begin_cell(kernel, e->active, e->silent);
    struct link_message message = {
        .type = e->active->type->name,
        .id = e->id,
        .execution_count = e->is_cell ? e->count : 0,
        .part_count = 1,
        .parts = {e->active->content},
    };
    if (is_comm(e))
        add_comm_parts(&message, e->active);
    session_send(&kernel->session, &message);
}

void execution_session_changed(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    if (!e->active || e->sent)
        return;
    if (kernel->session.state == SESSION_READY)
        send_to_worker(kernel);
    else if (kernel->session.state == SESSION_NONE && kernel->shutting_down)
        finish_interrupted(kernel, "the kernel was shut down before this cell started");
    else if (kernel->session.state == SESSION_NONE)
        finish_with_error(kernel, session_failure(&kernel->session));
}

/* Makes `request` the active one and sends it off, now or when there is a session. */
static void activate(struct kernel *kernel, struct request *request)
{
    struct execution *e = &kernel->execution;
    e->active = request_ref(request);
    e->id++;
    e->sent = false;
    e->interrupted = false;
    e->finishing = false;
    if (kernel->session.state == SESSION_NONE)
        session_start(&kernel->session); /* calls execution_session_changed */
    else
        execution_session_changed(kernel);
}

static bool has_code(const struct request *request, struct str *code)
{
    return json_get(request->content, "code", code) && json_kind(*code) == JSON_KIND_STRING;
}

static bool get_bool(const struct request *request, const char *key, bool fallback)
{
    struct str value;
    if (!json_get(request->content, key, &value))
        return fallback;
    switch (json_kind(value)) {
    case JSON_KIND_TRUE:
        return true;
    case JSON_KIND_FALSE:
        return false;
    default:
        return fallback;
    }
}

static void publish_input(struct kernel *kernel, const struct request *request, struct str code)
{
    struct buffer content = {0};
    buffer_append(&content, STR("{\"code\":"));
    buffer_append(&content, code);
    buffer_append_byte(&content, ',');
    finish_write_count(&content, kernel->execution.count);
    buffer_append_byte(&content, '}');
    publish(&kernel->publisher, STR("execute_input"), request, buffer_str(&content));
    buffer_fini(&content);
}

enum handled execution_handle_execute(struct kernel *kernel, struct request *request)
{
    struct execution *e = &kernel->execution;
    struct str code;
    if (!has_code(request, &code))
        return finish_refused(kernel, request, "TypeError", NO_CODE);
    e->is_cell = true;
    e->has_output = true;
    e->silent = get_bool(request, "silent", false);
    e->stop_on_error = get_bool(request, "stop_on_error", true);
    e->is_counted = get_bool(request, "store_history", true) && !e->silent;
    e->count += e->is_counted;
    /* A ready worker gets the cell first and runs it while we publish. */
    bool ready = session_is_alive(&kernel->session);
    if (ready)
        activate(kernel, request);
    if (!e->silent)
        publish_input(kernel, request, code);
    if (e->is_counted)
        history_add(kernel, e->count, code);
    if (!ready)
        activate(kernel, request);
    return PENDING;
}

static enum handled serve(struct kernel *kernel, struct request *request, bool has_output)
{
    struct execution *e = &kernel->execution;
    e->is_cell = false;
    e->is_counted = false;
    e->has_output = has_output;
    e->accepted = false;
    e->silent = !has_output;
    e->stop_on_error = false;
    session_is_alive(&kernel->session);
    activate(kernel, request);
    return PENDING;
}

enum handled execution_handle_code(struct kernel *kernel, struct request *request)
{
    struct str code;
    if (!has_code(request, &code))
        return finish_refused(kernel, request, "TypeError", NO_CODE);
    return serve(kernel, request, false);
}

enum handled execution_serve_comm(struct kernel *kernel, struct request *request)
{
    return serve(kernel, request, true);
}

/* The worker's reply with execution_count put in front of its members. */
static void write_counted(struct buffer *out, struct str content, int64_t count)
{
    struct json_walk walk = json_walk(content);
    struct json_member member;
    buffer_append_byte(out, '{');
    finish_write_count(out, count);
    while (json_next(&walk, &member)) {
        buffer_append(out, STR(",\""));
        buffer_append(out, member.key);
        buffer_append(out, STR("\":"));
        buffer_append(out, member.value);
    }
    buffer_append_byte(out, '}');
}

void execution_take_error(struct kernel *kernel, struct str content)
{
    struct execution *e = &kernel->execution;
    buffer_clear(&e->held_error, KEEP);
    buffer_append(&e->held_error, content);
}

/* What was held back is told, and aborts what came until now. */
static void tell_failure(void *context)
{
    struct kernel *kernel = context;
    struct execution *e = &kernel->execution;
    loop_stop_timer(&kernel->loop, &e->hold);
    if (e->stop_on_error)
        finish_doom_sent(kernel);
    capture_flush(kernel);
    if (!e->silent && e->held_error.size)
        publish(&kernel->publisher, STR("error"), e->active, buffer_str(&e->held_error));
    finish(kernel, buffer_str(&e->held_reply));
    router_advance(kernel);
}

static void take_execute_reply(struct kernel *kernel, struct str content)
{
    struct execution *e = &kernel->execution;
    struct str status = {NULL, 0};
    json_get(content, "status", &status);
    if (str_equal(status, STR("\"aborted\""))) {
        finish_interrupted(kernel, "the cell was interrupted");
        return;
    }
    buffer_clear(&e->held_reply, KEEP);
    write_counted(&e->held_reply, content, e->count);
    if (str_equal(status, STR("\"ok\""))) {
        finish(kernel, buffer_str(&e->held_reply));
    } else if (e->stop_on_error) {
        e->finishing = true;
        loop_stop_timer(&kernel->loop, &e->grace);
        loop_start_timer(&kernel->loop, &e->hold, HOLD_MS);
    } else {
        tell_failure(kernel);
    }
}

/* For the kernel only: nobody is answered. */
static void take_comm_reply(struct kernel *kernel, struct str content)
{
    struct str status;
    kernel->execution.accepted =
        json_get(content, "status", &status) && str_equal(status, STR("\"ok\""));
    finish(kernel, content);
}

void execution_take_reply(struct kernel *kernel, const struct link_message *message)
{
    struct execution *e = &kernel->execution;
    struct str expected = is_comm(e) ? STR("comm_reply") : e->active->type->reply;
    if (e->finishing)
        log_warning("the worker sent a second %.*s", STR_FORMAT(message->type));
    else if (!str_equal(message->type, expected))
        log_warning("the worker sent %.*s, expected %.*s", STR_FORMAT(message->type),
                    STR_FORMAT(expected));
    else if (e->is_cell)
        take_execute_reply(kernel, link_content(message));
    else if (is_comm(e))
        take_comm_reply(kernel, link_content(message));
    else
        finish(kernel, link_content(message));
}

void execution_worker_lost(struct kernel *kernel, const char *cause)
{
    struct execution *e = &kernel->execution;
    char sentence[1024];
    if (!e->active || !e->sent) {
        if (!kernel->shutting_down)
            log_warning("the worker %s; its state is lost", cause);
        return;
    }
    if (loop_timer_is_set(&e->hold)) {
        tell_failure(kernel);
        return;
    }
    if (!e->heard && !e->interrupted && worker_left_unread(kernel->session.worker)) {
        /* Only the request can be what it had not read: nothing of it ran. */
        log_warning("the worker %s; its state is lost, the request goes to the next one", cause);
        e->sent = false;
        return;
    }
    if (kernel->shutting_down) {
        finish_interrupted(kernel, "the kernel was shut down while this cell ran");
        return;
    }
    snprintf(sentence, sizeof sentence,
             "the worker process %s while it %s. Its state is lost; the next cell runs in a fresh "
             "session.",
             cause, is_comm(e) ? "served this comm message" : "ran this cell");
    log_warning("%s", sentence);
    if (e->interrupted) {
        finish_interrupted(kernel, sentence);
        return;
    }
    struct buffer members = {0};
    report_write(&members, "WorkerDied", sentence);
    finish_with_error(kernel, buffer_str(&members));
    buffer_fini(&members);
}

static void give_up(void *context)
{
    struct kernel *kernel = context;
    char reason[160];
    int64_t grace = config_interrupt_grace_ms(kernel->config);
    if (publisher_is_congested(&kernel->publisher)) {
        /* Its reply may be waiting behind output that a slow client has yet to take. */
        loop_start_timer(&kernel->loop, &kernel->execution.grace, grace);
        return;
    }
    snprintf(reason, sizeof reason, "did not react to the interrupt for %.1f s and was killed",
             (double)grace / 1000);
    worker_kill(kernel->session.worker, reason);
}

void execution_interrupt(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    finish_doom_queued(kernel);
    if (e->active && e->finishing)
        return;
    if (!e->active) {
        finish_doomed(kernel);
        return;
    }
    if (!e->sent) {
        finish_interrupted(kernel, "the cell was interrupted before it started");
        return;
    }
    stdin_forget(kernel);
    worker_interrupt(kernel->session.worker);
    if (!e->interrupted)
        loop_start_timer(&kernel->loop, &e->grace, config_interrupt_grace_ms(kernel->config));
    e->interrupted = true;
}

enum handled execution_handle_interrupt(struct kernel *kernel, struct request *request)
{
    execution_interrupt(kernel);
    send_reply(&kernel->publisher, request, request->type->reply, STR("{\"status\":\"ok\"}"));
    return HANDLED;
}
