#include "base/child.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_SIZE 16384

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

/* In the child, which shares nothing with us but memory's content. Returns only when it failed. */
static void become(const char *const *argv, int output)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (setpgid(0, 0) == 0 && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
        dup2(output, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0)
        execvp(argv[0], (char *const *)argv);
}

/* The close-on-exec pipe `failure` brings back why exec did not happen; its end means it did. */
static pid_t start(const char *const *argv, int output[2], int failure[2], struct error *error)
{
    pid_t pid = fork();
    if (pid < 0) {
        error_set_errno(error, "cannot start %s", argv[0]);
        return -1;
    }
    if (pid == 0) {
        become(argv, output[1]);
        int number = errno;
        ssize_t written = write(failure[1], &number, sizeof number);
        (void)written;
        _exit(127);
    }
    close(failure[1]);
    close(output[1]);
    failure[1] = output[1] = -1;
    int number;
    ssize_t size;
    do
        size = read(failure[0], &number, sizeof number);
    while (size < 0 && errno == EINTR);
    if (size != sizeof number)
        return pid;
    waitpid(pid, NULL, 0);
    errno = number;
    error_set_errno(error, "cannot start %s", argv[0]);
    return -1;
}

enum taken {
    TAKEN_SOME,
    TAKEN_NOTHING, /* the pipe is empty for now */
    TAKEN_LAST,    /* nobody holds its other end any more */
};

static enum taken take_output(int fd, struct child *child)
{
    char bytes[READ_SIZE];
    ssize_t size = read(fd, bytes, sizeof bytes);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR ? TAKEN_NOTHING : TAKEN_LAST;
    buffer_append(&child->output, (struct str){bytes, (size_t)size});
    return size > 0 ? TAKEN_SOME : TAKEN_LAST;
}

/* Until the process has ended, the time is up or the output too long. A descendant that holds the
 * pipe open does not delay the return. */
static void watch(struct child *child, int output, int process, int64_t deadline)
{
    struct pollfd fds[] = {{.fd = process, .events = POLLIN}, {.fd = output, .events = POLLIN}};
    child->end = CHILD_EXITED;
    while (!fds[0].revents) {
        int64_t left = deadline - clock_ms();
        if (left <= 0) {
            child->end = CHILD_OVERRAN;
            return;
        }
        if (poll(fds, 2, (int)left) < 0)
            fds[0].revents = fds[1].revents = 0;
        if (fds[1].revents && take_output(output, child) == TAKEN_LAST)
            fds[1].fd = -1;
        if (child->output.failed)
            break;
    }
    while (!child->output.failed && take_output(output, child) == TAKEN_SOME)
        ;
    if (child->output.failed)
        child->end = CHILD_FLOODED;
}

static void reap(struct child *child, pid_t pid)
{
    int status = 0;
    kill(-pid, SIGKILL); /* while the process is not reaped, the group's number is its own */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (child->end != CHILD_EXITED)
        return;
    if (WIFSIGNALED(status))
        child->end = CHILD_SIGNALLED;
    child->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

bool child_run(struct child *child, const char *const *argv, int limit_ms, struct error *error)
{
    int output[2] = {-1, -1}, failure[2] = {-1, -1}, process = -1;
    int64_t deadline = clock_ms() + limit_ms;
    pid_t pid = -1;
    if (pipe2(output, O_CLOEXEC) != 0 || pipe2(failure, O_CLOEXEC) != 0 ||
        fcntl(output[0], F_SETFL, O_NONBLOCK) != 0) {
        error_set_errno(error, "cannot start %s", argv[0]);
        goto done;
    }
    pid = start(argv, output, failure, error);
    if (pid < 0)
        goto done;
    process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process < 0) {
        error_set_errno(error, "cannot watch %s (pidfd_open)", argv[0]);
        child->end = CHILD_OVERRAN;
    } else {
        watch(child, output[0], process, deadline);
    }
    reap(child, pid);
done:
    if (process >= 0)
        close(process);
    close_pair(output);
    close_pair(failure);
    return process >= 0;
}
