#define _GNU_SOURCE
#include "sleep.h"

#include "Rts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct sleeper {
    int own;
    int other;
    int session;
};

/* Of the thread that forks a copy, while it does: other threads may fork for other reasons. */
static _Thread_local const struct sleeper *sleeper;

/* The runtime makes itself another timer after a fork, and forgets the one that it had. */
static void close_timers(void)
{
    static const char timer[] = "anon_inode:[timerfd]";
    char path[] = "/proc/self/fd/00", target[sizeof timer];
    for (int fd = 3; fd < 100; fd++) {
        path[sizeof path - 3] = fd < 10 ? (char)('0' + fd) : (char)('0' + fd / 10);
        path[sizeof path - 2] = fd < 10 ? '\0' : (char)('0' + fd % 10);
        if (readlink(path, target, sizeof target) == (ssize_t)sizeof timer - 1 &&
            memcmp(target, timer, sizeof timer - 1) == 0)
            close(fd);
    }
}

/* In the child, inside fork(): other threads' locks are held for ever, so that only what is
 * async-signal-safe can be called. The runtime restarts its threads after this. */
static void sleep_in_child(void)
{
    if (!sleeper)
        return;
    setpgid(0, 0);
    /* The runtime's handler would write to a pipe that is the parent's, too. */
    signal(SIGINT, SIG_IGN);
    /* By this name the kernel knows what is not the user's. */
    prctl(PR_SET_NAME, "hilum-sleeping");
    close_timers();
    close(sleeper->session);
    close(sleeper->other);
    struct pollfd link = {.fd = sleeper->own, .events = POLLIN | POLLRDHUP};
    while (poll(&link, 1, -1) < 0 && errno == EINTR)
        ;
    if (link.revents != POLLIN)
        _exit(0);
}

void hilum_sleep_is_over(void)
{
    /* Of the process, not of the thread that we are on. */
    int fd = open("/proc/self/comm", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!write(fd, program_invocation_short_name, strlen(program_invocation_short_name));
    close(fd);
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
