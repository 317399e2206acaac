#include "evaluator/worker_process.h"
#include "evaluator/offspring.h"
#include "evaluator/spawn.h"

#include <errno.h>
#include <signal.h>
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
/* Children that an interrupted cell leaves behind get SIGINT this often, this far apart: a shell that
 * is just starting a command takes the first one for itself and waits for the command. */
#define STRAGGLERS_MAX    16
#define STRAGGLER_ROUNDS  4
#define STRAGGLER_WAIT_MS 30
#define TREE_DEPTH_MAX    8
/* A worker that has closed its link is given this long to die by itself. */
#define FAREWELL_MS 200
/* How often worker_read reads: a worker that goes on cannot keep us. */
#define READS_MAX 64

struct worker_process {
    struct loop *loop;
    struct worker_events events;
    void *context;
    pid_t pid; /* also of the process group; 0 once reaped */
    bool paused;
    bool heard; /* messages are being told */
    bool left_unread;
    enum worker_end end;
    bool untouched;
    char reason[512]; /* why we killed it, or why it says it ends; "" otherwise */
    pid_t own[WORKER_OWN_MAX];
    size_t own_count;
    struct loop_watch link;
    struct loop_timer farewell;
    struct loop_timer insist;         /* set from worker_interrupt to worker_calm_down */
    int64_t insist_after;             /* the last pause; milliseconds */
    int64_t group_signalled;          /* when the descendants got SIGINT last */
    pid_t stragglers[STRAGGLERS_MAX]; /* its children when what was interrupted had stopped */
    size_t straggler_count;
    int straggler_rounds;
    struct loop_timer straggler_timer;
    struct link_reader reader;
    int fds[2]; /* that came with a message; -1: none */
    struct buffer unsent;
};

static void close_watch(struct worker_process *worker, struct loop_watch *watch)
{
    int fd = watch->fd;
    loop_unwatch(worker->loop, watch);
    if (fd >= 0)
        close(fd);
}

static void drop_fds(struct worker_process *worker)
{
    for (int i = 0; i < 2; i++) {
        if (worker->fds[i] >= 0)
            close(worker->fds[i]);
        worker->fds[i] = -1;
    }
}

static void pass(struct worker_process *worker, const struct link_message *message)
{
    int fd = worker->fds[0];
    if (!str_equal(message->type, STR("checkpoint"))) {
        worker->events.message(worker->context, message);
    } else if (fd >= 0) {
        worker->fds[0] = -1;
        worker->events.checkpoint(worker->context, fd);
        drop_fds(worker);
    }
}

static void pass_messages(struct worker_process *worker)
{
    struct link_message message;
    struct error error;
    for (;;) {
        switch (link_next(&worker->reader, &message, &error)) {
        case LINK_MESSAGE:
            pass(worker, &message);
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
static void chase_stragglers(void *context);

static void farewell(void *context)
{
    worker_kill(context, "closed its link to the kernel");
}

/* One read. False when nothing was there. */
static bool read_link(struct worker_process *worker)
{
    switch (link_read_fds(&worker->reader, worker->link.fd, worker->fds)) {
    case LINK_INPUT_SOME:
        worker->events.arrived(worker->context);
        worker->heard = true;
        pass_messages(worker);
        worker->heard = false;
        return true;
    case LINK_INPUT_NONE:
        return false;
    case LINK_INPUT_RESET:
        worker->left_unread = true;
        break;
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

void worker_read(struct worker_process *worker)
{
    for (int reads = 0; reads < READS_MAX && !worker->paused && worker->link.fd >= 0; reads++)
        if (!read_link(worker))
            return;
}

bool worker_is_heard(const struct worker_process *worker)
{
    return worker->heard;
}

/* The memory for its prints, when there is any; it does without else. */
static struct ring *share_ring(struct worker_process *worker)
{
    struct error error;
    int fds[2];
    struct ring *ring = ring_new(&error);
    if (!ring)
        return NULL;
    ring_fds(ring, fds);
    if (link_send_pair(worker->link.fd, STR("ring"), fds)) {
        ring_handed_over(ring);
        return ring;
    }
    ring_free(ring);
    return NULL;
}

static struct worker_process *new_worker(struct loop *loop, const struct worker_events *events,
                                         void *context)
{
    struct worker_process *worker = calloc(1, sizeof *worker);
    if (!worker)
        return NULL;
    worker->loop = loop;
    worker->events = *events;
    worker->context = context;
    worker->farewell = (struct loop_timer){.fire = farewell, .context = worker};
    worker->insist = (struct loop_timer){.fire = insist, .context = worker};
    worker->straggler_timer = (struct loop_timer){.fire = chase_stragglers, .context = worker};
    worker->link.fd = -1;
    worker->fds[0] = worker->fds[1] = -1;
    worker->unsent.max = LINK_BODY_MAX * 2;
    return worker;
}

struct worker_process *worker_start(struct loop *loop, const char *executable, const char *plugin,
                                    const struct worker_events *events, void *context, int pipes[2],
                                    struct ring **ring, struct error *error)
{
    struct spawned spawned;
    struct worker_process *worker = new_worker(loop, events, context);
    if (!worker) {
        error_set(error, "out of memory");
        return NULL;
    }
    if (!spawn_worker(executable, plugin, &spawned, error))
        goto fail;
    worker->pid = spawned.pid;
    worker->link = (struct loop_watch){spawned.link, EPOLLIN, on_link, worker};
    if (!loop_watch(loop, &worker->link, error)) {
        close(spawned.out);
        close(spawned.err);
        goto fail;
    }
    *ring = share_ring(worker);
    pipes[0] = spawned.out;
    pipes[1] = spawned.err;
    return worker;
fail:
    worker_free(worker);
    return NULL;
}

struct worker_process *worker_adopt(struct loop *loop, pid_t pid, int link,
                                    const struct link_reader *reader,
                                    const struct worker_events *events, void *context)
{
    struct error error;
    struct worker_process *worker = new_worker(loop, events, context);
    if (!worker) {
        struct link_reader dropped = *reader;
        link_reader_fini(&dropped);
        close(link);
        kill(-pid, SIGKILL);
        return NULL;
    }
    worker->pid = pid;
    worker->reader = *reader;
    worker->link = (struct loop_watch){link, EPOLLIN, on_link, worker};
    if (loop_watch(loop, &worker->link, &error))
        return worker;
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
    loop_stop_timer(worker->loop, &worker->straggler_timer);
    close_watch(worker, &worker->link);
    drop_fds(worker);
    link_reader_fini(&worker->reader);
    buffer_fini(&worker->unsent);
    free(worker);
}

bool worker_left_unread(const struct worker_process *worker)
{
    return worker->left_unread;
}

enum worker_end worker_how_ended(const struct worker_process *worker)
{
    return worker->end;
}

bool worker_left_untouched(const struct worker_process *worker)
{
    return worker->untouched;
}

pid_t worker_pid(const struct worker_process *worker)
{
    return worker->pid;
}

void worker_explains(struct worker_process *worker, struct str cause, bool untouched)
{
    if (!worker->reason[0]) {
        snprintf(worker->reason, sizeof worker->reason, "%.*s", STR_FORMAT(cause));
        worker->end = WORKER_SAID_WHY;
    }
    worker->untouched |= untouched;
}

void worker_owns(struct worker_process *worker, const pid_t *pids, size_t count)
{
    worker->own_count = count < WORKER_OWN_MAX ? count : WORKER_OWN_MAX;
    memcpy(worker->own, pids, worker->own_count * sizeof *pids);
}

size_t worker_own_processes(const struct worker_process *worker, const pid_t **pids)
{
    *pids = worker->own;
    return worker->own_count;
}

void worker_enqueue(struct worker_process *worker, const struct link_message *message)
{
    link_encode(&worker->unsent, message);
}

void worker_flush(struct worker_process *worker)
{
    if (worker->unsent.failed)
        worker_kill(worker, "did not take the messages sent to it");
    else
        send_unsent(worker);
}

void worker_send(struct worker_process *worker, const struct link_message *message)
{
    worker_enqueue(worker, message);
    worker_flush(worker);
}

bool worker_redirect(struct worker_process *worker, int out_fd, int err_fd)
{
    const int fds[2] = {out_fd, err_fd};
    return !worker->unsent.size && worker->link.fd >= 0 &&
           link_send_pair(worker->link.fd, STR("redirect"), fds);
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
    if (!worker || worker->pid <= 0 || loop_timer_is_set(&worker->insist))
        return;
    signal_group(worker);
    worker->insist_after = INSIST_FIRST_MS;
    loop_start_timer(worker->loop, &worker->insist, worker->insist_after);
}

static void interrupt_tree(pid_t root, int depth)
{
    pid_t children[STRAGGLERS_MAX];
    size_t count = depth < TREE_DEPTH_MAX ? offspring_children(root, children, STRAGGLERS_MAX) : 0;
    kill(root, SIGINT);
    for (size_t i = 0; i < count; i++)
        interrupt_tree(children[i], depth + 1);
}

/* Only what was there when the cell ended: the next cell's children are none of our business. */
static void chase_stragglers(void *context)
{
    struct worker_process *worker = context;
    for (size_t i = 0; i < worker->straggler_count; i++)
        if (getpgid(worker->stragglers[i]) == worker->pid)
            interrupt_tree(worker->stragglers[i], 0);
    if (--worker->straggler_rounds > 0)
        loop_start_timer(worker->loop, &worker->straggler_timer, STRAGGLER_WAIT_MS);
}

void worker_calm_down(struct worker_process *worker)
{
    loop_stop_timer(worker->loop, &worker->insist);
    if (worker->pid <= 0)
        return;
    /* For what was started after the first signal and outlives the cell. The worker itself serves
     * nothing now and forgets it. */
    signal_group(worker);
    worker->straggler_count = offspring_of_worker(worker->pid, worker->own, worker->own_count,
                                                  worker->stragglers, STRAGGLERS_MAX);
    worker->straggler_rounds = STRAGGLER_ROUNDS;
    if (worker->straggler_count)
        loop_start_timer(worker->loop, &worker->straggler_timer, STRAGGLER_WAIT_MS);
}

void worker_kill(struct worker_process *worker, const char *reason)
{
    if (!worker || worker->pid <= 0)
        return;
    if (!worker->reason[0]) {
        snprintf(worker->reason, sizeof worker->reason, "%.500s", reason);
        worker->end = WORKER_WAS_KILLED;
    }
    kill(-worker->pid, SIGKILL);
}

void worker_pause(struct worker_process *worker, bool pause)
{
    if (worker->paused == pause)
        return;
    worker->paused = pause;
    update_interest(worker);
}

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
    char cause[600];
    worker->pid = 0;
    /* Messages sent before death still count, one of which may say why: the socket is read to its
     * end. */
    while (worker->link.fd >= 0 && read_link(worker))
        ;
    describe_death(worker, status, cause, sizeof cause);
    if (!worker->reason[0])
        worker->end = WIFSIGNALED(status) ? WORKER_SIGNALLED : WORKER_EXITED;
    loop_stop_timer(worker->loop, &worker->farewell);
    worker->events.ended(worker->context, cause);
}

bool worker_reap_children(struct worker_process *worker)
{
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        int status;
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            return false;
        bool is_worker = worker && info.si_pid == worker->pid;
        if (is_worker) /* before it is reaped, while the group's number is surely ours */
            kill(-worker->pid, SIGKILL);
        if (waitpid(info.si_pid, &status, 0) >= 0 && is_worker) {
            bury(worker, status);
            return true;
        }
    }
}
