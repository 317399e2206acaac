#include "evaluator/spawn.h"
#include "evaluator/link.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Of each pair, [0] is the kernel's end and [1] the worker's. */
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
    /* Those that we, or whoever started us (nohup), may have ignored. */
    static const int ignored[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE, SIGCHLD,
                                  SIGUSR1, SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ};
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        sigaddset(&defaults, ignored[i]);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &defaults);
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

bool spawn_worker(const char *executable, const char *plugin, struct spawned *spawned,
                  struct error *error)
{
    struct ends ends;
    if (!open_ends(&ends, error))
        return false;
    bool good = spawn(&spawned->pid, executable, plugin, &ends, error);
    if (good) {
        spawned->link = ends.link[0];
        spawned->out = ends.out[0];
        spawned->err = ends.err[0];
        ends.link[0] = ends.out[0] = ends.err[0] = -1;
    }
    close_ends(&ends);
    return good;
}
