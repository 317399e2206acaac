#include "kernel/lifecycle.h"
#include "base/json_scan.h"
#include "kernel/finish.h"
#include "kernel/state.h"
#include "kernel/stop.h"
#include "telemetry/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How often the parent is looked at where it cannot be watched. */
#define PARENT_CHECK_MS 1000
/* The kernel ends within this time, whatever its worker does. */
#define DEADLINE_MS 900

bool lifecycle_block_signals(struct kernel *kernel, struct error *error)
{
    static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
        sigaddset(&set, handled[i]);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* the history's file may not grow: an error of write */
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
            session_reap(&kernel->session);
        else if (info.ssi_signo == SIGINT)
            stop_everything(kernel);
        else
            lifecycle_end(kernel);
    }
}

static void parent_is_gone(struct kernel *kernel)
{
    log_warning("the process that started this kernel is gone; the kernel ends, too");
    lifecycle_end(kernel);
}

static void on_parent_gone(void *context, uint32_t events)
{
    struct kernel *kernel = context;
    int fd = kernel->lifecycle.parent.fd;
    (void)events;
    loop_unwatch(&kernel->loop, &kernel->lifecycle.parent);
    close(fd);
    parent_is_gone(kernel);
}

static void check_parent(void *context)
{
    struct kernel *kernel = context;
    if (kill(kernel->lifecycle.parent_pid, 0) < 0 && errno == ESRCH)
        parent_is_gone(kernel);
    else
        loop_start_timer(&kernel->loop, &kernel->lifecycle.parent_check, PARENT_CHECK_MS);
}

/* Jupyter names the process that wants the kernel in JPY_PARENT_PID. */
static bool watch_parent(struct kernel *kernel, struct error *error)
{
    struct lifecycle *life = &kernel->lifecycle;
    const char *text = getenv("JPY_PARENT_PID");
    char *end = NULL;
    long pid = text ? strtol(text, &end, 10) : 0;
    if (!text || *end || pid <= 0)
        return true;
    int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    if (fd >= 0) {
        life->parent = (struct loop_watch){fd, EPOLLIN, on_parent_gone, kernel};
        return loop_watch(&kernel->loop, &life->parent, error);
    }
    if (errno != ESRCH) { /* no pidfds here: Linux before 5.3, valgrind */
        life->parent_pid = (pid_t)pid;
        life->parent_check = (struct loop_timer){.fire = check_parent, .context = kernel};
        loop_start_timer(&kernel->loop, &life->parent_check, PARENT_CHECK_MS);
    } else if (getppid() == 1) {
        lifecycle_end(kernel); /* it died before we could look */
    } else {
        log_info("there is no process %ld, which JPY_PARENT_PID names", pid);
    }
    return true;
}

bool lifecycle_watch(struct kernel *kernel, struct error *error)
{
    struct lifecycle *life = &kernel->lifecycle;
    life->signals = (struct loop_watch){life->signals.fd, EPOLLIN, on_signal, kernel};
    return loop_watch(&kernel->loop, &life->signals, error) && watch_parent(kernel, error);
}

void lifecycle_fini(struct kernel *kernel)
{
    struct lifecycle *life = &kernel->lifecycle;
    loop_stop_timer(&kernel->loop, &life->stop);
    loop_stop_timer(&kernel->loop, &life->deadline);
    loop_stop_timer(&kernel->loop, &life->parent_check);
    if (life->signals.fd >= 0)
        close(life->signals.fd);
    if (life->parent.fd >= 0)
        close(life->parent.fd);
    connection_fini(&life->connection);
}

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
    finish_doom_queued(kernel);
    finish_doomed(kernel);
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
    bool restart = json_member_is_true(request->content, "restart");
    struct str content = restart ? STR("{\"status\":\"ok\",\"restart\":true}")
                                 : STR("{\"status\":\"ok\",\"restart\":false}");
    send_reply(&kernel->publisher, request, request->type->reply, content);
    /* For the kernel's other clients. */
    publish(&kernel->publisher, request->type->reply, request, content);
    lifecycle_end(kernel);
    return HANDLED;
}
