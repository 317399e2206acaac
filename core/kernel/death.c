#include "kernel/death.h"
#include "kernel/finish.h"
#include "kernel/state.h"
#include "telemetry/log.h"

#include <stdio.h>

/* What the user has to know about the state after a worker's death. `this_cell`: one was running. */
static void describe_state(const struct session_loss *loss, bool this_cell, char *out, size_t size)
{
    if (loss->steps == 0)
        snprintf(out, size,
                 this_cell ? "The session's state is as it was before this cell."
                           : "The session's state was kept.");
    else if (loss->restored)
        snprintf(out, size,
                 "What the last %lld cell%s%s did is lost, too; the state is that of before.",
                 (long long)loss->steps, loss->steps == 1 ? "" : "s",
                 this_cell ? " before this one" : "");
    else
        snprintf(out, size, "Its state is lost; the next cell runs in a fresh session.");
}

static void tell_death(struct kernel *kernel, const struct session_loss *loss)
{
    struct execution *e = &kernel->execution;
    char state[200], sentence[1024];
    describe_state(loss, e->is_cell, state, sizeof state);
    snprintf(sentence, sizeof sentence, "The worker process %s while it %s. %s", loss->cause,
             execution_is_comm(e) ? "served this comm message"
             : e->is_cell         ? "ran this cell"
                                  : "answered this request",
             state);
    log_warning("%s", sentence);
    if (e->interrupted && !guard_is_breached(kernel)) {
        finish_interrupted(kernel, sentence);
        return;
    }
    finish_with_sentence(kernel, guard_error_code(kernel, "worker.died"),
                         guard_error_name(kernel, "WorkerDied"), sentence);
}

/* May the active request be given to the next worker? Only if this one surely did not begin it: a
 * cell that crashes must not come again and again. */
static bool is_untouched(const struct kernel *kernel, const struct session_loss *loss)
{
    const struct execution *e = &kernel->execution;
    if (e->heard || e->interrupted || e->resent)
        return false;
    if (loss->untouched)
        return true;
    if (e->landed)
        return !capture_begun_since(kernel, e->begun);
    return loss->left_unread && (!kernel->capture.ring || !capture_begun_since(kernel, e->begun));
}

static void send_again(struct kernel *kernel, const struct session_loss *loss, const char *state)
{
    struct execution *e = &kernel->execution;
    log_warning("the worker %s before it began the request, which goes to the next one. %s",
                loss->cause, state);
    guard_end(kernel);
    e->sent = false;
    e->landed = false;
    e->resent = true;
}

void death_of_worker(struct kernel *kernel, const struct session_loss *loss)
{
    struct execution *e = &kernel->execution;
    char state[200];
    bool untouched = is_untouched(kernel, loss);
    describe_state(loss, false, state, sizeof state);
    e->begun = capture_begun(kernel);
    flight_cancel(kernel);
    if (!loss->cause)
        return;
    if (!e->active || !e->sent) {
        if (!kernel->shutting_down)
            log_warning("the worker %s%s%s", loss->cause, loss->had_session ? ". " : "",
                        loss->had_session ? state : "");
    } else if (loop_timer_is_set(&e->hold)) {
        execution_tell_failure(kernel);
    } else if (untouched) {
        send_again(kernel, loss, state);
    } else if (kernel->shutting_down) {
        finish_interrupted(kernel, "the kernel was shut down while this cell ran");
    } else {
        tell_death(kernel, loss);
    }
}
