#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool spawn(const char *const *argv, int out_fd, int err_fd, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    int failed = 0;
    if (out_fd >= 0)
        failed |= posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    if (err_fd >= 0)
        failed |= posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
    if (!failed)
        failed =
            posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return !failed;
}

/* Waits for the end or an interrupt, whichever comes first. */
static bool await_end(const struct hilum_host *host, pid_t pid)
{
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    sigset_t held, before;
    bool ended = end.fd < 0;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    while (!ended && !host->cancelled(host))
        ended = ppoll(&end, 1, NULL, &before) > 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (end.fd >= 0)
        close(end.fd);
    return ended;
}

enum child_end child_run(const struct hilum_host *host, const char *const *argv, int out_fd,
                         int err_fd)
{
    pid_t pid;
    int status;
    if (!spawn(argv, out_fd, err_fd, &pid))
        return CHILD_FAILED;
    bool ended = await_end(host, pid);
    if (!ended)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return CHILD_FAILED;
    if (!ended)
        return CHILD_STOPPED;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? CHILD_SUCCEEDED : CHILD_FAILED;
}

enum child_end child_ask(const struct hilum_host *host, const char *const *argv, char *line,
                         size_t size)
{
    int ends[2], null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    line[0] = '\0';
    if (null < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        if (null >= 0)
            close(null);
        return CHILD_FAILED;
    }
    enum child_end end = child_run(host, argv, ends[1], null);
    close(ends[1]);
    close(null);
    ssize_t got = read(ends[0], line, size - 1);
    close(ends[0]);
    line[got > 0 ? got : 0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    return end;
}
