#include "evaluator/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEEP ((size_t)64 << 10)
/* SIGINT is repeated after these times: doubling up to a maximum, for the descendants rarely. */
#define INSIST_FIRST_MS 2
#define INSIST_LAST_MS  64
#define INSIST_GROUP_MS 200
/* A worker that has closed its link is given this long to die by itself. */
#define FAREWELL_MS 200

extern char **environ;

struct worker_process {
    struct loop *loop;
    struct worker_events events;
    void *context;
    pid_t pid; /* also of the process group; 0 once reaped */
    bool paused;
    char reason[256]; /* why we killed it; "" when we did not */
    struct loop_watch link;
    struct loop_watch pipes[WORKER_STREAMS];
    struct loop_timer farewell;
    struct loop_timer insist; /* set from worker_interrupt to worker_calm_down */
    int64_t insist_after;     /* the last pause; milliseconds */
    int64_t group_signalled;  /* when the descendants got SIGINT last */
    struct link_reader reader;
    struct buffer unsent;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_watch(struct worker_process *worker, struct loop_watch *watch)
{
    int fd = watch->fd;
    loop_unwatch(worker->loop, watch);
    close_fd(&fd);
}

/* ---- Starting ---- */

struct ends {
    int link[2];
    int out[2];
    int err[2];
    int null;
};

static void close_ends(struct ends *ends)
{
    for (int i = 0; i < 2; i++) {
        close_fd(&ends->link[i]);
        close_fd(&ends->out[i]);
        close_fd(&ends->err[i]);
    }
    close_fd(&ends->null);
}

/* [0] is the kernel's end of each. Our ends do not block; the worker's do. */
static bool open_ends(struct ends *ends, struct error *error)
{
    *ends = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}, -1};
    ends->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (ends->null >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends->link) == 0 &&
        pipe2(ends->out, O_CLOEXEC) == 0 && pipe2(ends->err, O_CLOEXEC) == 0 &&
        fcntl(ends->link[0], F_SETFL, O_NONBLOCK) == 0 &&
        fcntl(ends->out[0], F_SETFL, O_NONBLOCK) == 0 &&
        fcntl(ends->err[0], F_SETFL, O_NONBLOCK) == 0)
        return true;
    error_set_errno(error, "cannot open pipes for the worker");
    close_ends(ends);
    return false;
}

/*
 * dup2 onto the same number would leave CLOEXEC set, and an end that already has a low number could
 * be overwritten, so the worker's ends are moved above all targets first.
 */
static bool lift(int *fd)
{
    int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, LINK_WORKER_FD + 1);
    if (lifted < 0)
        return false;
    close(*fd);
    *fd = lifted;
    return true;
}

static int set_up_child(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
                        const struct ends *ends)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    /* A session of its own: a process group to signal, and no terminal that a program in a cell
     * could ask for passwords. */
    int failed = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    failed |= posix_spawn_file_actions_adddup2(actions, ends->null, STDIN_FILENO);
    failed |= posix_spawn_file_actions_adddup2(actions, ends->out[1], STDOUT_FILENO);
    failed |= posix_spawn_file_actions_adddup2(actions, ends->err[1], STDERR_FILENO);
    failed |= posix_spawn_file_actions_adddup2(actions, ends->link[1], LINK_WORKER_FD);
    return failed;
}

static bool spawn(pid_t *pid, const char *executable, const char *plugin, struct ends *ends,
                  struct error *error)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *argv[] = {(char *)(uintptr_t) "hilum-worker", (char *)(uintptr_t)plugin, NULL};
    if (!lift(&ends->null) || !lift(&ends->link[1]) || !lift(&ends->out[1]) || !lift(&ends->err[1]))
        return error_set_errno(error, "cannot open pipes for the worker");
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int failed = set_up_child(&actions, &attributes, ends);
    if (!failed)
        failed = posix_spawn(pid, executable, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = failed;
    return !failed || error_set_errno(error, "cannot start the worker %s", executable);
}

/* ---- Listening ---- */

static void pass_messages(struct worker_process *worker)
{
    struct link_message message;
    struct error error;
    for (;;) {
        switch (link_next(&worker->reader, &message, &error)) {
        case LINK_MESSAGE:
            worker->events.message(worker->context, &message);
            break;
        case LINK_MORE:
            return;
        case LINK_BROKEN: {
            char reason[1200];
            snprintf(reason, sizeof reason, "spoke no worker protocol (%s)", error.sentence);
            close_watch(worker, &worker->link);
            worker_kill(worker, reason);
            return;
        }
        }
    }
}

static void update_interest(struct worker_process *worker)
{
    uint32_t in = worker->paused ? 0 : EPOLLIN;
    loop_want(worker->loop, &worker->link, in | (worker->unsent.size ? EPOLLOUT : 0));
    for (int i = 0; i < WORKER_STREAMS; i++)
        loop_want(worker->loop, &worker->pipes[i], in);
}

static void send_unsent(struct worker_process *worker)
{
    while (worker->unsent.size && worker->link.fd >= 0) {
        ssize_t size =
            send(worker->link.fd, worker->unsent.data, worker->unsent.size, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            break; /* full for now, or gone: then the read side tells */
        buffer_consume(&worker->unsent, (size_t)size);
    }
    if (!worker->unsent.size)
        buffer_clear(&worker->unsent, KEEP);
    update_interest(worker);
}

static void insist(void *context);

static void farewell(void *context)
{
    worker_kill(context, "closed its link to the kernel");
}

/* One read. False when nothing was there. */
static bool read_link(struct worker_process *worker)
{
    switch (link_read(&worker->reader, worker->link.fd)) {
    case LINK_INPUT_SOME:
        worker->events.arrived(worker->context);
        pass_messages(worker);
        return true;
    case LINK_INPUT_NONE:
        return false;
    case LINK_INPUT_ENDED:
        break;
    }
    /* Nearly always it is dying: SIGCHLD will tell how. */
    close_watch(worker, &worker->link);
    loop_start_timer(worker->loop, &worker->farewell, FAREWELL_MS);
    return false;
}

static void on_link(void *context, uint32_t events)
{
    struct worker_process *worker = context;
    if (events & EPOLLOUT)
        send_unsent(worker);
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && worker->link.fd >= 0)
        read_link(worker);
}

static void on_stdout(void *context, uint32_t events)
{
    struct worker_process *worker = context;
    (void)events;
    worker->events.output(worker->context, WORKER_STDOUT);
}

static void on_stderr(void *context, uint32_t events)
{
    struct worker_process *worker = context;
    (void)events;
    worker->events.output(worker->context, WORKER_STDERR);
}

static bool watch(struct worker_process *worker, struct loop_watch *watch, int *fd,
                  void (*ready)(void *, uint32_t), struct error *error)
{
    *watch = (struct loop_watch){*fd, EPOLLIN, ready, worker};
    *fd = -1;
    return loop_watch(worker->loop, watch, error);
}

struct worker_process *worker_start(struct loop *loop, const char *executable, const char *plugin,
                                    const struct worker_events *events, void *context,
                                    struct error *error)
{
    struct ends ends;
    struct worker_process *worker = calloc(1, sizeof *worker);
    if (!worker) {
        error_set(error, "out of memory");
        return NULL;
    }
    worker->loop = loop;
    worker->events = *events;
    worker->context = context;
    worker->farewell = (struct loop_timer){.fire = farewell, .context = worker};
    worker->insist = (struct loop_timer){.fire = insist, .context = worker};
    worker->link.fd = worker->pipes[WORKER_STDOUT].fd = worker->pipes[WORKER_STDERR].fd = -1;
    worker->unsent.max = LINK_BODY_MAX * 2;
    if (!open_ends(&ends, error))
        goto fail;
    if (!spawn(&worker->pid, executable, plugin, &ends, error) ||
        !watch(worker, &worker->link, &ends.link[0], on_link, error) ||
        !watch(worker, &worker->pipes[WORKER_STDOUT], &ends.out[0], on_stdout, error) ||
        !watch(worker, &worker->pipes[WORKER_STDERR], &ends.err[0], on_stderr, error)) {
        close_ends(&ends);
        goto fail;
    }
    close_ends(&ends);
    return worker;
fail:
    worker_free(worker);
    return NULL;
}

void worker_free(struct worker_process *worker)
{
    if (!worker)
        return;
    if (worker->pid > 0)
        kill(-worker->pid, SIGKILL);
    loop_stop_timer(worker->loop, &worker->farewell);
    loop_stop_timer(worker->loop, &worker->insist);
    close_watch(worker, &worker->link);
    for (int i = 0; i < WORKER_STREAMS; i++)
        close_watch(worker, &worker->pipes[i]);
    link_reader_fini(&worker->reader);
    buffer_fini(&worker->unsent);
    free(worker);
}

/* ---- Doing ---- */

pid_t worker_pid(const struct worker_process *worker)
{
    return worker->pid;
}

void worker_send(struct worker_process *worker, const struct link_message *message)
{
    link_encode(&worker->unsent, message);
    if (worker->unsent.failed)
        worker_kill(worker, "did not take the messages sent to it");
    else
        send_unsent(worker);
}

static void signal_group(struct worker_process *worker)
{
    kill(-worker->pid, SIGINT);
    worker->group_signalled = loop_now();
}

static void insist(void *context)
{
    struct worker_process *worker = context;
    if (worker->pid <= 0)
        return;
    if (loop_now() - worker->group_signalled >= INSIST_GROUP_MS)
        signal_group(worker);
    else
        kill(worker->pid, SIGINT);
    if (worker->insist_after < INSIST_LAST_MS)
        worker->insist_after *= 2;
    loop_start_timer(worker->loop, &worker->insist, worker->insist_after);
}

void worker_interrupt(struct worker_process *worker)
{
    if (worker->pid <= 0 || loop_timer_is_set(&worker->insist))
        return;
    signal_group(worker);
    worker->insist_after = INSIST_FIRST_MS;
    loop_start_timer(worker->loop, &worker->insist, worker->insist_after);
}

void worker_calm_down(struct worker_process *worker)
{
    loop_stop_timer(worker->loop, &worker->insist);
    /* For what was started after the first signal and outlives the cell. The worker itself serves
     * nothing now and forgets it. */
    if (worker->pid > 0)
        signal_group(worker);
}

void worker_kill(struct worker_process *worker, const char *reason)
{
    if (worker->pid <= 0)
        return;
    if (!worker->reason[0])
        snprintf(worker->reason, sizeof worker->reason, "%.250s", reason);
    kill(-worker->pid, SIGKILL);
}

void worker_pause(struct worker_process *worker, bool pause)
{
    if (worker->paused == pause)
        return;
    worker->paused = pause;
    update_interest(worker);
}

int worker_output_fd(const struct worker_process *worker, int stream)
{
    return worker->pipes[stream].fd;
}

void worker_close_output(struct worker_process *worker, int stream)
{
    close_watch(worker, &worker->pipes[stream]);
}

/* ---- Burying ---- */

static void describe_death(const struct worker_process *worker, int status, char *out, size_t size)
{
    if (worker->reason[0])
        snprintf(out, size, "%s", worker->reason);
    else if (WIFSIGNALED(status) && sigabbrev_np(WTERMSIG(status)))
        snprintf(out, size, "was killed by signal %d (SIG%s: %s)", WTERMSIG(status),
                 sigabbrev_np(WTERMSIG(status)), sigdescr_np(WTERMSIG(status)));
    else if (WIFSIGNALED(status))
        snprintf(out, size, "was killed by signal %d", WTERMSIG(status));
    else
        snprintf(out, size, "exited with status %d", WEXITSTATUS(status));
}

static void bury(struct worker_process *worker, int status)
{
    char cause[512];
    describe_death(worker, status, cause, sizeof cause);
    worker->pid = 0;
    /* Messages sent before death still count: the socket is read to its end. */
    while (worker->link.fd >= 0 && read_link(worker))
        ;
    loop_stop_timer(worker->loop, &worker->farewell);
    worker->events.ended(worker->context, cause);
}

void worker_reap_children(struct worker_process *worker)
{
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        int status;
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            return;
        bool is_worker = worker && info.si_pid == worker->pid;
        if (is_worker) /* before it is reaped, while the group's number is surely ours */
            kill(-worker->pid, SIGKILL);
        if (waitpid(info.si_pid, &status, 0) < 0 || !is_worker)
            continue;
        bury(worker, status);
        worker = NULL; /* the owner may have freed it */
    }
}
