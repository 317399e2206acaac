#include "worker/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* Shared with the signal handlers, which get no argument. */
static struct {
    volatile sig_atomic_t serving;
    volatile sig_atomic_t pending;
    volatile sig_atomic_t inside;
    void (*volatile interrupt)(struct hilum_session *session);
    struct hilum_session *volatile session;
} state;

static void on_interrupt(int signal)
{
    (void)signal;
    int saved = errno;
    if (state.serving) {
        state.pending = 1;
        if (state.inside && state.interrupt)
            state.interrupt(state.session);
    }
    errno = saved;
}

static void on_hangup(int signal)
{
    (void)signal;
    kill(0, SIGKILL);
}

void interrupt_install(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = on_hangup;
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

void interrupt_begin(void)
{
    state.pending = 0;
    state.serving = 1;
}

void interrupt_end(void)
{
    state.serving = 0;
    state.pending = 0;
}

bool interrupt_pending(void)
{
    return state.pending;
}

bool interrupt_enter(const struct hilum_evaluator *table, struct hilum_session *session)
{
    state.session = session;
    state.interrupt = session ? table->interrupt : NULL;
    state.inside = 1;
    return !state.pending;
}

void interrupt_leave(void)
{
    state.inside = 0;
}
