#include "kernel/tally.h"
#include "base/clock.h"
#include "base/json_scan.h"
#include "kernel/state.h"
#include "telemetry/log.h"

_Static_assert(METRICS_LIMITS == LIMIT_OUTPUT, "telemetry/metrics.c names the kinds of limits");
_Static_assert(METRICS_FAULTS == WIRE_FAULTS - 1, "telemetry/metrics.c names the faults");

void tally_sent(struct kernel *kernel, struct request *request)
{
    trail_add(&kernel->trail, kernel->execution.id, request->msg_id);
    request->times.sent_us = clock_us();
}

void tally_replied(struct kernel *kernel, struct request *request,
                   const struct link_message *message)
{
    request->times.replied_us = clock_us();
    request->times.compile_us = message->compile_us > 0 ? message->compile_us : 0;
    request->times.run_us = message->run_us > 0 ? message->run_us : 0;
    request->times.known = true;
    if (message->checkpoint_us > 0)
        metrics_observe(&kernel->metrics.checkpoint, message->checkpoint_us);
}

/* An interrupt by the user, by how it ended. One whose worker died is counted with the death. */
static void count_interrupt(struct kernel *kernel, struct str content)
{
    struct str status;
    bool stopped = json_get(content, "status", &status) && str_equal(status, STR("\"aborted\""));
    kernel->metrics.interrupts[stopped ? METRICS_STOPPED : METRICS_TOO_LATE]++;
    kernel->execution.user_interrupted = false;
}

void tally_finished(struct kernel *kernel, struct request *request, struct str content,
                    bool is_cell)
{
    struct metrics *metrics = &kernel->metrics;
    struct request_times *times = &request->times;
    if (kernel->execution.user_interrupted)
        count_interrupt(kernel, content);
    if (!is_cell)
        return;
    if (!times->known)
        times->replied_us = clock_us();
    metrics_observe(&metrics->wait, times->sent_us - times->arrived_us);
    metrics_observe(&metrics->whole, times->replied_us - times->arrived_us);
    if (times->known) {
        metrics_observe(&metrics->compile, times->compile_us);
        metrics_observe(&metrics->run, times->run_us);
    }
}

void tally_over(struct kernel *kernel, const struct request *request)
{
    if (log_wants(LOG_LEVEL_DEBUG)) {
        log_set_request(request->msg_id);
        log_debug("%.*s is over after %.6f s", STR_FORMAT(request->type->name),
                  (double)(clock_us() - request->times.arrived_us) / 1000000);
    }
    if (!request->type->reply.size)
        metrics_count_request(&kernel->metrics, request->type->name,
                              request->type->handle ? METRICS_OK : METRICS_IGNORED);
}

static enum metrics_cause cause_of(const struct kernel *kernel, const struct session_loss *loss)
{
    switch (loss->end) {
    case WORKER_WAS_KILLED:
        return guard_is_breached(kernel)       ? METRICS_BY_LIMIT
               : kernel->execution.interrupted ? METRICS_BY_INTERRUPT
                                               : METRICS_BY_KERNEL;
    case WORKER_SAID_WHY:
        return METRICS_BY_PROGRAM;
    case WORKER_EXITED:
        return METRICS_BY_EXIT;
    default:
        return METRICS_BY_SIGNAL;
    }
}

void tally_lost(struct kernel *kernel, const struct session_loss *loss)
{
    struct metrics *metrics = &kernel->metrics;
    if (!loss->cause) {
        metrics->rollbacks[METRICS_BY_UNDO]++;
        return;
    }
    if (kernel->shutting_down)
        return;
    enum metrics_cause cause = cause_of(kernel, loss);
    metrics->deaths[cause]++;
    if (loss->restored)
        metrics->rollbacks[cause]++;
    else if (loss->had_session)
        metrics->losses[cause]++;
    if (kernel->execution.user_interrupted)
        metrics->interrupts[METRICS_KILLED]++;
    kernel->execution.user_interrupted = false;
}
