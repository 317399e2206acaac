#include "kernel/lifecycle.h"
#include "base/json_scan.h"
#include "kernel/state.h"
#include "telemetry/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Messages taken from one socket before the others get their turn. */
#define MESSAGES_PER_TURN 64
/* Messages taken from the shell socket when they are to be aborted; against a client that never
 * stops sending. The queue may become longer than its maximum for a moment. */
#define MESSAGES_AT_ONCE 100000
/* The kernel ends within this time, whatever its worker does. */
#define DEADLINE_MS 900

/* ---- Sockets ---- */

static void welcome(struct kernel *kernel, struct str subscription)
{
    if (subscription.size && subscription.data[0] == 1) /* 0: somebody unsubscribed */
        publish_welcome(&kernel->publisher, str_slice(subscription, 1, SIZE_MAX));
}

/* The request that was received, if it was one; the other kinds of message are dealt with. */
static struct request *digest(struct kernel *kernel, enum channel_name channel,
                              struct received *received)
{
    struct wire_incoming message;
    if (channel == CHANNEL_HB)
        sockets_echo(&kernel->sockets, channel, received);
    else if (channel == CHANNEL_IOPUB)
        welcome(kernel, received->frames[0]);
    else if (!router_read(kernel, channel, received, &message))
        return NULL;
    else if (channel == CHANNEL_STDIN)
        stdin_receive(kernel, &message);
    else
        return router_keep(channel, &message);
    return NULL;
}

static bool take_one(struct kernel *kernel, enum channel_name channel)
{
    struct received *received = &kernel->received;
    if (!sockets_receive(&kernel->sockets, channel, received))
        return false;
    struct request *request = digest(kernel, channel, received);
    /* Before anything is dispatched: that may take in further messages. */
    sockets_release(received);
    if (request)
        router_dispatch(kernel, request);
    return true;
}

void lifecycle_take_shell(struct kernel *kernel)
{
    for (int i = 0; i < MESSAGES_AT_ONCE && take_one(kernel, CHANNEL_SHELL); i++)
        ;
}

static void take_turn(struct kernel *kernel, enum channel_name channel)
{
    for (int i = 0; i < MESSAGES_PER_TURN && kernel->sockets.touched[channel]; i++)
        if ((channel == CHANNEL_SHELL && !router_accepts_shell(kernel)) ||
            !take_one(kernel, channel))
            return;
}

bool lifecycle_before_wait(void *context)
{
    static const enum channel_name order[] = {CHANNEL_CONTROL, CHANNEL_HB, CHANNEL_STDIN,
                                              CHANNEL_SHELL, CHANNEL_IOPUB};
    struct kernel *kernel = context;
    bool more = false;
    if (publisher_is_congested(&kernel->publisher) && kernel->sockets.touched[CHANNEL_IOPUB])
        publisher_flush(&kernel->publisher);
    router_advance(kernel);
    for (size_t i = 0; i < CHANNELS; i++)
        take_turn(kernel, order[i]);
    for (enum channel_name i = 0; i < CHANNELS; i++)
        more |= kernel->sockets.touched[i] && (i != CHANNEL_SHELL || router_accepts_shell(kernel));
    if (kernel->session.worker)
        worker_pause(kernel->session.worker, publisher_is_congested(&kernel->publisher));
    return more;
}

static void on_socket(void *context, uint32_t events)
{
    struct socket_watch *watch = context;
    (void)events;
    watch->kernel->sockets.touched[watch->channel] = true;
}

static bool watch_sockets(struct kernel *kernel, struct error *error)
{
    for (enum channel_name i = 0; i < CHANNELS; i++) {
        struct socket_watch *watch = &kernel->lifecycle.sockets[i];
        /* Edge-triggered, as ZMQ_FD itself is: a socket that is not to be read now (a full queue)
         * must not keep the loop awake. */
        *watch = (struct socket_watch){
            {kernel->sockets.fd[i], EPOLLIN | EPOLLET, on_socket, watch}, kernel, i};
        if (!loop_watch(&kernel->loop, &watch->watch, error))
            return false;
    }
    return true;
}

/* ---- Signals and the parent ---- */

bool lifecycle_block_signals(struct kernel *kernel, struct error *error)
{
    static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
        sigaddset(&set, handled[i]);
    signal(SIGPIPE, SIG_IGN);
    /* Orphans of killed workers come to us, to be reaped. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    kernel->lifecycle.signals.fd = -1;
    kernel->lifecycle.parent.fd = -1;
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return error_set_errno(error, "cannot block signals");
    kernel->lifecycle.signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return kernel->lifecycle.signals.fd >= 0 || error_set_errno(error, "cannot watch signals");
}

static void on_signal(void *context, uint32_t events)
{
    struct kernel *kernel = context;
    struct signalfd_siginfo info;
    (void)events;
    while (read(kernel->lifecycle.signals.fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            worker_reap_children(kernel->session.worker);
        else if (info.ssi_signo == SIGINT)
            execution_interrupt(kernel);
        else
            lifecycle_end(kernel);
    }
}

static void on_parent_gone(void *context, uint32_t events)
{
    struct kernel *kernel = context;
    (void)events;
    log_warning("the process that started this kernel is gone; the kernel ends, too");
    loop_unwatch(&kernel->loop, &kernel->lifecycle.parent);
    lifecycle_end(kernel);
}

/* Jupyter names the process that wants the kernel in JPY_PARENT_PID. */
static bool watch_parent(struct kernel *kernel, struct error *error)
{
    const char *text = getenv("JPY_PARENT_PID");
    char *end = NULL;
    long pid = text ? strtol(text, &end, 10) : 0;
    if (!text || *end || pid <= 0)
        return true;
    int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    if (fd >= 0) {
        kernel->lifecycle.parent = (struct loop_watch){fd, EPOLLIN, on_parent_gone, kernel};
        return loop_watch(&kernel->loop, &kernel->lifecycle.parent, error);
    }
    if (errno == ESRCH && getppid() == 1)
        lifecycle_end(kernel); /* it died before we could look */
    else
        log_info("the process in JPY_PARENT_PID (%ld) cannot be watched", pid);
    return true;
}

bool lifecycle_watch(struct kernel *kernel, struct error *error)
{
    struct lifecycle *life = &kernel->lifecycle;
    life->signals = (struct loop_watch){life->signals.fd, EPOLLIN, on_signal, kernel};
    return loop_watch(&kernel->loop, &life->signals, error) && watch_sockets(kernel, error) &&
           watch_parent(kernel, error);
}

void lifecycle_fini(struct kernel *kernel)
{
    struct lifecycle *life = &kernel->lifecycle;
    loop_stop_timer(&kernel->loop, &life->stop);
    loop_stop_timer(&kernel->loop, &life->deadline);
    if (life->signals.fd >= 0)
        close(life->signals.fd);
    if (life->parent.fd >= 0)
        close(life->parent.fd);
    connection_fini(&life->connection);
}

/* ---- The end ---- */

static void on_deadline(void *context)
{
    struct kernel *kernel = context;
    log_warning("the worker did not end in time");
    loop_stop(&kernel->loop);
}

static void begin_end(void *context)
{
    struct kernel *kernel = context;
    kernel->lifecycle.deadline = (struct loop_timer){.fire = on_deadline, .context = kernel};
    loop_start_timer(&kernel->loop, &kernel->lifecycle.deadline, DEADLINE_MS);
    session_stop(&kernel->session, !kernel->execution.active);
}

void lifecycle_end(struct kernel *kernel)
{
    if (kernel->shutting_down)
        return;
    kernel->shutting_down = true;
    execution_abort_queue(kernel);
    kernel->lifecycle.stop = (struct loop_timer){.fire = begin_end, .context = kernel};
    loop_start_timer(&kernel->loop, &kernel->lifecycle.stop, 0);
}

void lifecycle_session_changed(struct kernel *kernel)
{
    if (kernel->session.stopping && !kernel->session.worker)
        loop_stop(&kernel->loop);
}

enum handled lifecycle_handle_shutdown(struct kernel *kernel, struct request *request)
{
    struct str value;
    bool restart =
        json_get(request->content, "restart", &value) && json_kind(value) == JSON_KIND_TRUE;
    struct str content = restart ? STR("{\"status\":\"ok\",\"restart\":true}")
                                 : STR("{\"status\":\"ok\",\"restart\":false}");
    send_reply(&kernel->publisher, request, request->type->reply, content);
    /* For the kernel's other clients. */
    publish(&kernel->publisher, request->type->reply, request, content);
    lifecycle_end(kernel);
    return HANDLED;
}
