#include "kernel/router.h"
#include "base/clock.h"
#include "base/json_scan.h"
#include "kernel/comms.h"
#include "kernel/finish.h"
#include "kernel/history.h"
#include "kernel/info.h"
#include "kernel/lifecycle.h"
#include "kernel/state.h"
#include "kernel/stop.h"
#include "kernel/tally.h"
#include "kernel/usage_request.h"
#include "telemetry/log.h"

#include <inttypes.h>

#define SHELL   (1u << CHANNEL_SHELL)
#define CONTROL (1u << CHANNEL_CONTROL)

static const struct request_type types[] = {
    {STR("execute_request"), STR("execute_reply"), SHELL, true, execution_handle_execute},
    {STR("complete_request"), STR("complete_reply"), SHELL, true, execution_handle_code},
    {STR("inspect_request"), STR("inspect_reply"), SHELL, true, execution_handle_code},
    {STR("is_complete_request"), STR("is_complete_reply"), SHELL, true, execution_handle_code},
    {STR("history_request"), STR("history_reply"), SHELL, true, history_handle},
    {STR("kernel_info_request"), STR("kernel_info_reply"), SHELL | CONTROL, true, info_handle},
    {STR("connect_request"), STR("connect_reply"), SHELL | CONTROL, true, info_handle_connect},
    {STR("comm_info_request"), STR("comm_info_reply"), SHELL | CONTROL, true, comms_handle_info},
    {STR("comm_open"), {0}, SHELL, true, comms_handle_open},
    {STR("comm_msg"), {0}, SHELL, true, comms_handle_message},
    {STR("comm_close"), {0}, SHELL, true, comms_handle_message},
    {STR("usage_request"), STR("usage_reply"), CONTROL, false, usage_request_handle},
    {STR("interrupt_request"), STR("interrupt_reply"), CONTROL | SHELL, false,
     stop_handle_interrupt},
    {STR("shutdown_request"), STR("shutdown_reply"), CONTROL | SHELL, false,
     lifecycle_handle_shutdown},
};

static const struct request_type unknown = {STR("unknown"), {0}, SHELL | CONTROL, true, NULL};

static const struct request_type *find_type(struct str name, enum channel_name channel)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_equal(types[i].name, name) && types[i].channels & 1u << channel)
            return &types[i];
    log_warning("a message of type \"%.*s\" on %s is not known; it was ignored",
                STR_FORMAT(str_slice(name, 0, 100)), channel_name_text(channel));
    return &unknown;
}

void router_finish(struct kernel *kernel, struct request *request)
{
    const struct request *active = kernel->execution.active;
    tally_over(kernel, request);
    publish_status(&kernel->publisher, request, STR("idle"));
    log_set_request(active ? active->msg_id : (struct str){NULL, 0});
    request_unref(request);
}

static enum handled handle(struct kernel *kernel, struct request *request)
{
    if (!request->type->handle)
        return HANDLED;
    if (request->channel == CHANNEL_SHELL && request->names_subshell)
        return finish_refused(kernel, request, "protocol.no-subshell", "SubshellNotFound",
                              "this kernel has no subshell of that id");
    return request->type->handle(kernel, request);
}

/* Takes over the caller's reference. */
static void start(struct kernel *kernel, struct request *request)
{
    log_set_request(request->msg_id);
    log_debug("%.*s on %s begins", STR_FORMAT(request->type->name),
              channel_name_text(request->channel));
    if (request->channel == CHANNEL_SHELL) /* who only watches asks on control */
        kernel->metrics.last_request_us = (uint64_t)clock_read_us(CLOCK_REALTIME);
    publish_status(&kernel->publisher, request, STR("busy"));
    enum handled handled = handle(kernel, request);
    if (handled == HANDLED)
        router_finish(kernel, request);
    else
        request_unref(request);
}

/* What is in flight runs already. */
static bool may_start(const struct kernel *kernel)
{
    return kernel->flight.count ||
           (!kernel->shutting_down && !publisher_is_congested(&kernel->publisher));
}

void router_advance(struct kernel *kernel)
{
    /* A request that is answered at once, such as by an evaluator that cannot be started, leads
     * back here. The loop below starts the next one, so that a long queue needs no deep stack. While
     * the worker's messages are told it may not be replaced, as it is here when it is dead: this is
     * called again before the event loop waits. */
    if (kernel->advancing || (kernel->session.worker && worker_is_heard(kernel->session.worker)))
        return;
    kernel->advancing = true;
    aside_go_on(kernel);
    while (!kernel->execution.active && may_start(kernel)) {
        struct request *request = queue_pop(&kernel->queue);
        if (!request)
            break;
        start(kernel, request);
    }
    kernel->advancing = false;
}

void router_land(struct kernel *kernel)
{
    if (!kernel->execution.active && kernel->flight.count && !kernel->advancing)
        start(kernel, queue_pop(&kernel->queue));
}

bool router_accepts_shell(const struct kernel *kernel)
{
    return !queue_is_full(&kernel->queue) && !kernel->shutting_down;
}

void router_dispatch(struct kernel *kernel, struct request *request)
{
    /* Only shell has a queue; control answers at once. */
    if (finish_is_overtaken(kernel, request)) {
        finish_abort(kernel, request);
    } else if (request->channel == CHANNEL_SHELL && request->type->queued) {
        if (aside_accept(kernel, request))
            return;
        queue_push(&kernel->queue, request);
        router_advance(kernel);
    } else {
        start(kernel, request);
    }
}

static void refuse(struct kernel *kernel, enum channel_name channel, enum wire_fault fault,
                   const struct error *error)
{
    kernel->faults[fault]++;
    log_reason(LOG_LEVEL_WARNING, wire_fault_name(fault), "a message on %s was dropped (%s): %s",
               channel_name_text(channel), wire_fault_name(fault), error->sentence);
}

void router_report_faults(const struct kernel *kernel)
{
    struct buffer text = {0};
    for (int fault = WIRE_FINE + 1; fault < WIRE_FAULTS; fault++)
        if (kernel->faults[fault])
            buffer_append_format(&text, "%s%" PRIu64 " %s", text.size ? ", " : "",
                                 kernel->faults[fault], wire_fault_name((enum wire_fault)fault));
    if (text.size && !text.failed)
        log_info("dropped in all: %.*s", STR_FORMAT(buffer_str(&text)));
    buffer_fini(&text);
}

bool router_read(struct kernel *kernel, enum channel_name channel, const struct received *received,
                 struct wire_incoming *message)
{
    struct error error;
    enum wire_fault fault = WIRE_TOO_LARGE;
    if (received->cut)
        error_set(&error, "more than %d frames", WIRE_FRAMES_MAX);
    else
        fault = wire_parse(received->frames, received->count, &kernel->signer, message, &error);
    if (fault != WIRE_FINE)
        refuse(kernel, channel, fault, &error);
    return fault == WIRE_FINE;
}

struct request *router_keep(enum channel_name channel, const struct wire_incoming *message)
{
    const struct request_type *type = find_type(message->msg_type, channel);
    struct request *request = request_new(channel, type, message);
    if (!request)
        log_error("out of memory: a %.*s was dropped", STR_FORMAT(message->msg_type));
    return request;
}
