#include "kernel/stop.h"
#include "config/config.h"
#include "kernel/finish.h"
#include "kernel/state.h"
#include "kernel/stdin.h"

void stop_give_up(void *context)
{
    struct kernel *kernel = context;
    struct buffer reason = {0};
    int64_t grace = config_interrupt_grace_ms(kernel->config);
    if (publisher_is_congested(&kernel->publisher)) {
        /* Its reply may be waiting behind output that a slow client has yet to take. */
        loop_start_timer(&kernel->loop, &kernel->execution.grace, grace);
        return;
    }
    if (guard_write_verdict(kernel, &reason)) {
        buffer_append_format(&reason, ", did not stop within %.1f s and was killed",
                             (double)grace / 1000);
        guard_purge(kernel);
    } else {
        buffer_append_format(&reason, "did not react to the interrupt for %.1f s and was killed",
                             (double)grace / 1000);
    }
    buffer_append_byte(&reason, '\0');
    worker_kill(kernel->session.worker, reason.failed ? "was killed" : reason.data);
    buffer_fini(&reason);
}

void stop_worker(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    stdin_forget(kernel);
    worker_interrupt(kernel->session.worker);
    if (!e->interrupted)
        loop_start_timer(&kernel->loop, &e->grace, config_interrupt_grace_ms(kernel->config));
    e->interrupted = true;
}

void stop_everything(struct kernel *kernel)
{
    struct execution *e = &kernel->execution;
    finish_doom_queued(kernel);
    if (e->active && e->finishing) {
        kernel->metrics.interrupts[METRICS_TOO_LATE]++;
        return;
    }
    if (!e->active) {
        kernel->metrics.interrupts[METRICS_IDLE]++;
        finish_doomed(kernel);
        return;
    }
    if (!e->sent) {
        kernel->metrics.interrupts[METRICS_NOT_STARTED]++;
        finish_interrupted(kernel, "the cell was interrupted before it started");
        return;
    }
    e->user_interrupted = true;
    stop_worker(kernel);
}

enum handled stop_handle_interrupt(struct kernel *kernel, struct request *request)
{
    stop_everything(kernel);
    send_reply(&kernel->publisher, request, request->type->reply, STR("{\"status\":\"ok\"}"));
    return HANDLED;
}
