#define _GNU_SOURCE
#include "sleep.h"

#include "Rts.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

struct sleeper {
    int own;
    int other;
    int session;
};

/* Of the thread that forks a copy, while it does: other threads may fork for other reasons. */
static _Thread_local const struct sleeper *sleeper;

/* In the child, inside fork(): other threads' locks are held for ever, so that only what is
 * async-signal-safe can be called. The runtime restarts its threads after this. */
static void sleep_in_child(void)
{
    if (!sleeper)
        return;
    setpgid(0, 0);
    /* The runtime's handler would write to a pipe that is the parent's, too. */
    signal(SIGINT, SIG_IGN);
    /* Or it would have the name of the runtime's thread. */
    prctl(PR_SET_NAME, program_invocation_short_name);
    close(sleeper->session);
    close(sleeper->other);
    struct pollfd link = {.fd = sleeper->own, .events = POLLIN | POLLRDHUP};
    while (poll(&link, 1, -1) < 0 && errno == EINTR)
        ;
    if (link.revents != POLLIN)
        _exit(0);
}

static void install(void)
{
    pthread_atfork(NULL, NULL, sleep_in_child);
}

int hilum_sleep_fork(HsStablePtr entry, int own, int other, int session)
{
    static pthread_once_t installed = PTHREAD_ONCE_INIT;
    const struct sleeper here = {.own = own, .other = other, .session = session};
    pthread_once(&installed, install);
    sleeper = &here;
    pid_t pid = forkProcess((HsStablePtr *)entry);
    sleeper = NULL;
    return pid;
}
