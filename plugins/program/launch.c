#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static size_t count_of(const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

static bool has_name(const char *entry, const char *other)
{
    size_t name = strcspn(other, "=");
    return strncmp(entry, other, name) == 0 && entry[name] == '=';
}

/* Our environment with the additions, which win; the caller frees the array. */
static const char **merge_environment(const char *const *additions)
{
    static const char *const link = "HILUM_LINK_FD=3";
    size_t added = count_of(additions), count = 0;
    const char **list = calloc(count_of((const char *const *)environ) + added + 2, sizeof *list);
    if (!list)
        return NULL;
    for (size_t i = 0; environ[i]; i++) {
        bool replaced = has_name(environ[i], link);
        for (size_t k = 0; k < added; k++)
            replaced |= has_name(environ[i], additions[k]);
        if (!replaced)
            list[count++] = environ[i];
    }
    for (size_t k = 0; k < added; k++)
        list[count++] = additions[k];
    list[count] = link;
    return list;
}

/* In the child. Handlers are reset by exec; what is ignored and blocked has to be undone. */
static void become(const char *const *argv, const char **environment, int link, int trouble,
                   pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    int kept = fcntl(trouble, F_DUPFD_CLOEXEC, LAUNCH_LINK_FD + 1);
    bool ready = kept >= 0 && (link == LAUNCH_LINK_FD ? fcntl(link, F_SETFD, 0) == 0
                                                      : dup2(link, LAUNCH_LINK_FD) >= 0);
    /* For what some library opened without O_CLOEXEC. */
    close_range(LAUNCH_LINK_FD + 1, ~0u, CLOSE_RANGE_CLOEXEC);
    if (ready)
        execvpe(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
    int reason = errno;
    ssize_t ignored = write(kept >= 0 ? kept : trouble, &reason, sizeof reason);
    (void)ignored;
    _exit(127);
}

/* The reason of a failed exec, or 0 when the pipe closed because exec succeeded. */
static int read_reason(int fd)
{
    int reason = 0;
    ssize_t size;
    do
        size = read(fd, &reason, sizeof reason);
    while (size < 0 && errno == EINTR);
    return size == (ssize_t)sizeof reason ? reason : 0;
}

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

static const char *advice(int reason, const char *program)
{
    if (reason == ENOENT)
        return strchr(program, '/') ? "; is the path right, and the interpreter in its first line?"
                                    : "; it is not on the PATH of the kernel";
    return reason == EACCES ? "; is it executable?" : "";
}

bool launch(const char *const *argv, const char *const *environment, pid_t *pid, int *link,
            char *problem, size_t size)
{
    int ends[2] = {-1, -1}, trouble[2] = {-1, -1}, reason = 0;
    pid_t parent = getpid(), child = -1;
    const char **merged = merge_environment(environment);
    if (!merged || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
        pipe2(trouble, O_CLOEXEC) < 0 || (child = fork()) < 0) {
        snprintf(problem, size, "cannot start `%s`: %s", argv[0], strerror(errno));
        goto fail;
    }
    if (child == 0)
        become(argv, merged, ends[1], trouble[1], parent);
    close(trouble[1]);
    trouble[1] = -1;
    reason = read_reason(trouble[0]);
    if (reason) {
        snprintf(problem, size, "cannot start `%s`: %s%s", argv[0], strerror(reason),
                 advice(reason, argv[0]));
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            ;
        goto fail;
    }
    *pid = child;
    *link = ends[0];
    close(ends[1]);
    close(trouble[0]);
    free(merged);
    return true;
fail:
    close_pair(ends);
    close_pair(trouble);
    free(merged);
    return false;
}

/* A copy that was resumed is no child of ours; its end is seen, not how. */
static bool is_gone(pid_t pid)
{
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    bool gone = end.fd < 0 || poll(&end, 1, 0) > 0;
    if (end.fd >= 0)
        close(end.fd);
    return gone;
}

/* waitpid with a time limit in steps: the program is about to end, nearly always at once. */
static bool wait_for(pid_t pid, int grace_ms, int *status, bool *is_ours)
{
    for (int waited = 0;; waited++) {
        pid_t got = waitpid(pid, status, WNOHANG);
        *is_ours = got >= 0 || errno != ECHILD;
        if (got == pid || (!*is_ours && is_gone(pid)))
            return true;
        if (waited >= grace_ms)
            return false;
        poll(NULL, 0, 1);
    }
}

void launch_reap(pid_t pid, int grace_ms, char *how, size_t size)
{
    int status = 0;
    bool is_ours;
    if (!wait_for(pid, grace_ms, &status, &is_ours)) {
        kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        snprintf(how, size, "closed its link");
    } else if (!is_ours) {
        snprintf(how, size, "ended");
    } else if (WIFSIGNALED(status) && sigabbrev_np(WTERMSIG(status))) {
        snprintf(how, size, "was killed by signal %d (SIG%s: %s)", WTERMSIG(status),
                 sigabbrev_np(WTERMSIG(status)), sigdescr_np(WTERMSIG(status)));
    } else if (WIFSIGNALED(status)) {
        snprintf(how, size, "was killed by signal %d", WTERMSIG(status));
    } else {
        snprintf(how, size, "exited with status %d", WEXITSTATUS(status));
    }
}
