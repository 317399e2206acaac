#include "worker/checkpoint.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "worker/aside.h"
#include "worker/interrupt.h"
#include "worker/oom.h"
#include "worker/serve.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* With requests waiting, a checkpoint may cost this part of the work that it saves. */
#define WORTH 10

/* Says once why there are no checkpoints, and does without from then on. */
static void do_without(struct worker *worker, enum hilum_log_level level, const char *reason)
{
    struct checkpoint_policy *policy = &worker->checkpoints.policy;
    struct buffer content = {0};
    char text[400];
    policy->enabled = false;
    if (policy->complained)
        return;
    policy->complained = true;
    snprintf(text, sizeof text, "no checkpoints of the session: %s; a crash will cost its state",
             reason);
    worker->host.table.log(&worker->host.table, level, (struct hilum_str){text, strlen(text)});
    buffer_append(&content, STR("{\"reason\":"));
    json_write_string(&content, str_of(reason));
    buffer_append_byte(&content, '}');
    channel_send(&worker->channel, STR("checkpoints_off"), 0, buffer_str(&content));
    channel_flush(&worker->channel);
    buffer_fini(&content);
}

void checkpoints_enable(struct worker *worker, bool wanted)
{
    struct checkpoint_policy *policy = &worker->checkpoints.policy;
    policy->enabled = wanted;
    if (wanted && !(worker->evaluator.capabilities & HILUM_FORK_SAFE))
        do_without(worker, HILUM_LOG_INFO, "the evaluator is not fork-safe");
}

/* ---- Children ---- */

static void forget(struct checkpoints *checkpoints, size_t index)
{
    if (checkpoints->children[index].pidfd >= 0)
        close(checkpoints->children[index].pidfd);
    checkpoints->children[index] = checkpoints->children[--checkpoints->count];
}

/* Also what user code has reaped with a wait() of its own goes from the list. */
static void reap(struct checkpoints *checkpoints)
{
    for (size_t i = checkpoints->count; i-- > 0;)
        if (waitpid(checkpoints->children[i].pid, NULL, WNOHANG) != 0)
            forget(checkpoints, i);
}

static void keep(struct checkpoints *checkpoints, pid_t pid)
{
    checkpoints->children[checkpoints->count++] = (struct checkpoint_child){
        .pid = pid,
        .pidfd = (int)syscall(SYS_pidfd_open, pid, 0),
    };
}

size_t checkpoints_list(const struct checkpoints *checkpoints, pid_t *list)
{
    for (size_t i = 0; i < checkpoints->count; i++)
        list[i] = checkpoints->children[i].pid;
    return checkpoints->count;
}

bool checkpoints_wait(struct worker *worker)
{
    struct checkpoints *checkpoints = &worker->checkpoints;
    while (checkpoints->count || worker->host.watched >= 0) {
        struct pollfd polls[CHECKPOINT_MAX + 2] = {
            {.fd = worker->channel.fd, .events = POLLIN},
            {.fd = worker->host.watched, .events = POLLIN},
        };
        nfds_t count = 2;
        for (size_t i = 0; i < checkpoints->count; i++)
            polls[count++] =
                (struct pollfd){.fd = checkpoints->children[i].pidfd, .events = POLLIN};
        int ready = poll(polls, count, -1);
        if (polls[0].revents || (ready < 0 && errno != EINTR))
            return true;
        if (ready > 0 && polls[1].revents)
            return false;
        if (ready > 0)
            reap(checkpoints);
    }
    return true;
}

/* ---- Forking ---- */

static enum hilum_status tell_evaluator(struct worker *worker, enum hilum_fork phase)
{
    return worker->evaluator.forking ? worker->evaluator.forking(worker->session, phase) : HILUM_OK;
}

/* Threads do not survive a fork. /proc/self/task has two links more than there are threads. */
static bool has_threads(void)
{
    struct stat status;
    return stat("/proc/self/task", &status) == 0 && status.st_nlink > 3;
}

static bool pays(const struct checkpoint_policy *policy, bool more)
{
    return !more || policy->work >= WORTH * policy->cost;
}

/* The kernel gets its end of the copy's link over the session's. */
static bool hand_over(struct worker *worker, int fd)
{
    struct buffer bytes = {0};
    link_encode(&bytes,
                &(struct link_message){.type = STR("checkpoint"), .id = worker->host.request});
    bool sent = !bytes.failed && link_send_fds(worker->channel.fd, buffer_str(&bytes), &fd, 1);
    buffer_fini(&bytes);
    return sent;
}

/* In the copy: lets go of all that is the session's alone. */
static void become_checkpoint(struct worker *worker, int fd)
{
    setpgid(0, 0);
    dup3(fd, worker->channel.fd, O_CLOEXEC);
    channel_disown(&worker->channel);
    worker->flight = (struct flight){.next = 0};
    interrupt_end();
    while (worker->checkpoints.count)
        forget(&worker->checkpoints, 0);
    worker->pid = getpid();
    prctl(PR_SET_NAME, LINK_SLEEPING_NAME);
    oom_withdraw();
}

/* In the copy, when it is the session. */
static void become_session(struct worker *worker)
{
    prctl(PR_SET_PDEATHSIG, SIGHUP);
    prctl(PR_SET_NAME, "hilum-worker");
    oom_volunteer();
    host_resume(&worker->host);
    tell_evaluator(worker, HILUM_FORK_RESUMED);
}

/* Returns when the kernel wants this copy to be the session. */
static void sleep_until_resumed(struct worker *worker)
{
    struct link_message message;
    struct stat output = {.st_ino = 0};
    char content[80];
    fstat(STDOUT_FILENO, &output);
    snprintf(content, sizeof content, "{\"pid\":%ld,\"stdout\":%lld}", (long)worker->pid,
             (long long)output.st_ino);
    channel_send(&worker->channel, STR("checkpoint_ready"), 0, str_of(content));
    channel_flush(&worker->channel);
    for (;;) {
        channel_receive(&worker->channel, &message, NULL);
        if (str_equal(message.type, STR("resume_request")))
            return;
        if (str_equal(message.type, STR("redirect")))
            host_redirect(&worker->host);
        else if (serve_kind(message.type) == SERVICE_QUESTION)
            aside_answer(worker, &message);
    }
}

enum side { THE_SESSION, THE_COPY };

static enum side fork_session(struct worker *worker)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return THE_SESSION;
    pid_t pid = hand_over(worker, ends[0]) ? fork() : -1;
    close(ends[0]);
    if (pid == 0)
        become_checkpoint(worker, ends[1]);
    close(ends[1]);
    if (pid > 0) {
        setpgid(pid, pid); /* it does so, too; whoever comes first */
        keep(&worker->checkpoints, pid);
    }
    tell_evaluator(worker, pid == 0  ? HILUM_FORK_CHECKPOINT
                           : pid > 0 ? HILUM_FORK_SESSION
                                     : HILUM_FORK_FAILED);
    return pid == 0 ? THE_COPY : THE_SESSION;
}

/* True when one was taken, or could not be; false in the copy once it is the session, which has no
 * checkpoint of itself yet. */
static bool take(struct worker *worker)
{
    struct checkpoint_policy *policy = &worker->checkpoints.policy;
    int64_t start = clock_us();
    reap(&worker->checkpoints);
    if (has_threads()) {
        do_without(worker, HILUM_LOG_WARNING, "it has started threads");
        return true;
    }
    if (worker->checkpoints.count == CHECKPOINT_MAX)
        return true;
    enum hilum_status prepared = tell_evaluator(worker, HILUM_FORK_PREPARE);
    if (prepared == HILUM_UNAVAILABLE)
        do_without(worker, HILUM_LOG_INFO, "the evaluator makes none");
    if (prepared != HILUM_OK)
        return true;
    if (fork_session(worker) == THE_COPY) {
        sleep_until_resumed(worker);
        become_session(worker);
        return false;
    }
    policy->work = 0;
    policy->cost = clock_us() - start;
    policy->untold += policy->cost;
    return true;
}

bool checkpoints_are_due(const struct worker *worker)
{
    return worker->checkpoints.policy.work > 0;
}

int64_t checkpoints_tell_cost(struct worker *worker)
{
    int64_t cost = worker->checkpoints.policy.untold;
    worker->checkpoints.policy.untold = 0;
    return cost;
}

void checkpoints_take(struct worker *worker, int64_t work, bool more)
{
    struct checkpoint_policy *policy = &worker->checkpoints.policy;
    policy->work += work;
    if (!policy->enabled || !pays(policy, more))
        return;
    while (!take(worker))
        ;
    offspring_accept(&worker->offspring);
}
