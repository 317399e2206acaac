#include "kernel/execution.h"
#include "base/json_scan.h"
#include "config/config.h"
#include "kernel/cell.h"
#include "kernel/finish.h"
#include "kernel/history.h"
#include "kernel/look.h"
#include "kernel/magic.h"
#include "kernel/magic_question.h"
#include "kernel/state.h"
#include "kernel/stop.h"
#include "kernel/tally.h"
#include "kernel/timing.h"
#include "telemetry/log.h"

#define NO_CODE "\"code\" in the request must be a string"

/*
 * How long an error is held back. "Run all" sends cell after cell, and those that come before anybody
 * can know of the error belong to what it aborts. Evaluators fail faster than clients send.
 */
#define HOLD_MS 10
#define KEEP    ((size_t)64 << 10)

static void tell_failure(void *context);

void execution_init(struct kernel *kernel)
{
    kernel->execution = (struct execution){
        .grace = {.fire = stop_give_up, .context = kernel},
        .hold = {.fire = tell_failure, .context = kernel},
    };
}

void execution_fini(struct kernel *kernel)
{
    loop_stop_timer(&kernel->loop, &kernel->execution.grace);
    loop_stop_timer(&kernel->loop, &kernel->execution.hold);
    buffer_fini(&kernel->execution.content);
    buffer_fini(&kernel->execution.held_error);
    buffer_fini(&kernel->execution.held_metadata);
    buffer_fini(&kernel->execution.held_reply);
    request_unref(kernel->execution.active);
    kernel->execution.active = NULL;
}

static void add_comm_parts(struct link_message *message, const struct request *request)
{
    message->parts[message->part_count++] = request->metadata;
    for (size_t i = 0; i < request->buffer_count && message->part_count < LINK_PARTS_MAX; i++)
        message->parts[message->part_count++] = request->buffers[i];
}

/* The worker has the active request. */
static void begin(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    e->sent = true;
    e->heard = false;
    buffer_clear(&e->held_error, KEEP);
    guard_begin(kernel);
    tally_sent(kernel, e->active);
    if (e->is_cell)
        timing_begin(kernel, e->active);
    if (e->has_output)
        capture_begin_cell(kernel, e->active, e->silent);
}

static void send_to_worker(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    begin(kernel);
    struct link_message message = {
        .type = e->active->type->name,
        .id = e->id,
        .execution_count = e->is_cell ? e->count : 0,
        .more = e->has_output && !queue_is_empty(&kernel->queue),
        .part_count = 1,
        .parts = {e->content.size ? buffer_str(&e->content) : e->active->content},
    };
    if (execution_is_comm(e))
        add_comm_parts(&message, e->active);
    session_enqueue(&kernel->session, &message);
    flight_fill(kernel);
    session_flush(&kernel->session);
    look_expect(kernel);
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

static void finish_empty(struct kernel *kernel)
{
    struct buffer reply = {0};
    write_counted(&reply, STR("{\"status\":\"ok\",\"user_expressions\":{},\"payload\":[]}"),
                  kernel->execution.count);
    finish(kernel, buffer_str(&reply));
    buffer_fini(&reply);
}

static void refuse(struct kernel *kernel, const struct error *error)
{
    finish_with_sentence(kernel, "cell.bad-line", "UsageError", error->sentence);
}

static void tell_return(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    struct buffer content = {0};
    bool one = e->went_back == 1;
    buffer_append_format(&content,
                         "{\"name\":\"stdout\",\"text\":\"Went back %lld cell%s: the session is as "
                         "it was before %s.\\n\"}",
                         (long long)e->went_back, one ? "" : "s", one ? "it" : "them");
    if (!e->silent)
        publish(&kernel->publisher, STR("stream"), e->active, buffer_str(&content));
    buffer_fini(&content);
    e->went_back = 0;
}

/* There is a session: the active request's turn has come. */
static void proceed(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    struct error error;
    if (e->go_back) {
        /* We come here again when the session is where it should be. */
        e->went_back = e->go_back;
        e->go_back = 0;
        if (!session_go_back(&kernel->session, e->went_back, &error))
            refuse(kernel, &error);
        return;
    }
    if (e->went_back)
        tell_return(kernel);
    if (e->is_empty)
        finish_empty(kernel);
    else
        send_to_worker(kernel);
}

void execution_session_changed(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    if (!e->active || e->sent)
        return;
    if (kernel->session.state == SESSION_READY)
        proceed(kernel);
    else if (kernel->session.state == SESSION_NONE && kernel->shutting_down)
        finish_interrupted(kernel, "the kernel was shut down before this cell started");
    else if (kernel->session.state == SESSION_NONE)
        finish_with_error(kernel, session_failure(&kernel->session));
}

/* Makes `request` the active one. */
static void adopt(struct kernel *kernel, struct request *request)
{
    struct execution *e = &kernel->execution;
    e->active = request_ref(request);
    e->id = request->sent_as ? request->sent_as : ++e->last_id;
    e->sent = false;
    e->landed = request->sent_as != 0;
    e->resent = false;
    e->interrupted = false;
    e->finishing = false;
    e->offspring = false;
    e->forked = true;
    e->is_empty = false;
    e->go_back = e->went_back = 0;
    buffer_clear(&e->content, KEEP);
}

/* Sends the active request off, now or when there is a session. */
static void dispatch(struct kernel *kernel)
{
    if (kernel->session.state == SESSION_NONE)
        session_start(&kernel->session); /* calls execution_session_changed */
    else
        execution_session_changed(kernel);
}

static void publish_input(struct kernel *kernel, struct request *request, struct str code)
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

/* The lines for the kernel at the start of the active cell. True: there is more to do. */
static bool obey_lines(struct kernel *kernel, struct str code)
{
    struct execution *e = &kernel->execution;
    struct error error = {.sentence = ""};
    struct magic_wish wish = {0};
    enum magic_outcome outcome = magic_apply(kernel, e->active, code, &e->content, &wish, &error);
    e->go_back = wish.go_back;
    e->active->timed |= wish.timed;
    e->is_empty = outcome == MAGIC_ALL;
    if (outcome == MAGIC_FAILED)
        refuse(kernel, &error);
    else if (e->is_empty && !e->go_back)
        finish_empty(kernel);
    else
        return true;
    return false;
}

/* Only when the operator asked for it: code may hold anything. */
static void log_code(const struct kernel *kernel, struct str code)
{
    struct buffer text = {0};
    if (!log_wants(LOG_LEVEL_DEBUG) || !config_flag(kernel->config, "log.code"))
        return;
    json_unescape(code, &text);
    log_debug("code: %.*s", STR_FORMAT(buffer_str(&text)));
    buffer_fini(&text);
}

/* The active cell was in flight: the worker has it, or will come to it by itself. An interrupt may
 * have come too late for the cell before; then it is this one's. */
static void land(struct kernel *kernel, bool interrupted)
{
    struct execution *e = &kernel->execution;
    begin(kernel);
    e->interrupted = interrupted;
    if (interrupted)
        loop_start_timer(&kernel->loop, &e->grace, config_interrupt_grace_ms(kernel->config));
}

enum handled execution_handle_execute(struct kernel *kernel, struct request *request)
{
    struct execution *e = &kernel->execution;
    struct cell cell;
    if (!cell_read(request, &cell))
        return finish_refused(kernel, request, "protocol.bad-request", "TypeError", NO_CODE);
    e->is_cell = true;
    e->has_output = true;
    e->silent = cell.silent;
    e->stop_on_error = cell.stop_on_error;
    e->is_counted = cell.is_counted;
    e->count += e->is_counted;
    bool landed = flight_lands(kernel, request), interrupted = e->interrupted;
    bool magic = !landed && magic_is_possible(cell.code);
    /* A ready worker gets the cell first and runs it while we publish. */
    bool ready = !landed && session_is_alive(&kernel->session) && !magic;
    adopt(kernel, request);
    request->timed = kernel->time_all_cells;
    log_code(kernel, cell.code);
    if (landed)
        land(kernel, interrupted);
    if (ready)
        dispatch(kernel);
    if (!e->silent)
        publish_input(kernel, request, cell.code);
    if (e->is_counted)
        history_add(kernel, e->count, cell.code);
    if (!landed && !ready && (!magic || obey_lines(kernel, cell.code)))
        dispatch(kernel);
    return PENDING;
}

/* Makes a request that is no cell the active one. */
static void adopt_other(struct kernel *kernel, struct request *request, bool has_output)
{
    struct execution *e = &kernel->execution;
    e->is_cell = false;
    e->is_counted = false;
    e->has_output = has_output;
    e->accepted = false;
    e->silent = !has_output;
    e->stop_on_error = false;
    session_is_alive(&kernel->session);
    adopt(kernel, request);
}

static bool answer_ourselves(struct kernel *kernel, const struct request *request)
{
    struct buffer reply = {0};
    bool answered = magic_question_answer(request, &reply);
    if (answered)
        send_reply(&kernel->publisher, request, request->type->reply, buffer_str(&reply));
    buffer_fini(&reply);
    return answered;
}

enum handled execution_handle_code(struct kernel *kernel, struct request *request)
{
    struct cell cell;
    if (!cell_read(request, &cell))
        return finish_refused(kernel, request, "protocol.bad-request", "TypeError", NO_CODE);
    if (answer_ourselves(kernel, request))
        return HANDLED;
    adopt_other(kernel, request, false);
    magic_hide(request, cell.code, &kernel->execution.content);
    dispatch(kernel);
    return PENDING;
}

enum handled execution_serve_comm(struct kernel *kernel, struct request *request)
{
    adopt_other(kernel, request, true);
    dispatch(kernel);
    return PENDING;
}

void execution_take_error(struct kernel *kernel, struct str content, struct str metadata)
{
    struct execution *e = &kernel->execution;
    buffer_clear(&e->held_error, KEEP);
    buffer_clear(&e->held_metadata, KEEP);
    buffer_append(&e->held_error, content);
    buffer_append(&e->held_metadata, metadata);
}

void execution_tell_failure(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    loop_stop_timer(&kernel->loop, &e->hold);
    if (e->stop_on_error)
        finish_doom_sent(kernel);
    capture_flush(kernel);
    if (!e->silent && e->held_error.size)
        publish_buffers(&kernel->publisher, STR("error"), e->active, buffer_str(&e->held_error),
                        buffer_str(&e->held_metadata), NULL, 0);
    finish(kernel, buffer_str(&e->held_reply));
}

static void tell_failure(void *context)
{
    execution_tell_failure(context);
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
        execution_tell_failure(kernel);
    }
}

/* Whatever the worker replied: it was told to stop. */
static void fail_by_limit(struct kernel *kernel)
{
    char sentence[512];
    guard_describe(kernel, sentence, sizeof sentence);
    finish_with_sentence(kernel, guard_error_code(kernel, NULL), guard_error_name(kernel, NULL),
                         sentence);
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
    struct str expected = execution_is_comm(e) ? STR("comm_reply") : e->active->type->reply;
    e->begun = (uint32_t)e->id;
    e->offspring = message->offspring;
    tally_replied(kernel, e->active, message);
    look_replied(kernel, e->active);
    e->forked = message->forked || !e->is_cell;
    if (message->halted)
        flight_cancel(kernel);
    if (e->finishing)
        log_warning("the worker sent a second %.*s", STR_FORMAT(message->type));
    else if (!str_equal(message->type, expected))
        log_warning("the worker sent %.*s, expected %.*s", STR_FORMAT(message->type),
                    STR_FORMAT(expected));
    else if (guard_is_breached(kernel))
        fail_by_limit(kernel);
    else if (e->is_cell)
        take_execute_reply(kernel, link_content(message));
    else if (execution_is_comm(e))
        take_comm_reply(kernel, link_content(message));
    else
        finish(kernel, link_content(message));
}
