#include "evaluator/sleepers.h"
#include "base/json_scan.h"
#include "telemetry/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct sleeper {
    struct sleepers *owner;
    struct loop_watch watch;
    struct link_reader reader;
    pid_t pid;      /* 0: not ready */
    int64_t output; /* the inode of its stdout */
    bool asked;     /* and has not answered */
    int64_t step;   /* its state is that of steps `step` to `until` */
    int64_t until;
};

void sleepers_init(struct sleepers *sleepers, struct loop *loop,
                   const struct sleepers_events *events, void *context)
{
    *sleepers = (struct sleepers){.loop = loop, .events = *events, .context = context};
}

/* Takes it out of the list and out of the loop, and frees it. */
static void forget(struct sleepers *sleepers, size_t index)
{
    struct sleeper *sleeper = sleepers->items[index];
    bool asked = sleeper->asked;
    loop_unwatch(sleepers->loop, &sleeper->watch);
    free(sleeper);
    sleepers->count--;
    memmove(sleepers->items + index, sleepers->items + index + 1,
            (sleepers->count - index) * sizeof *sleepers->items);
    if (asked)
        sleepers->events.answer(sleepers->context, NULL);
}

/* Closes its link, so that the process goes. */
static void release(struct sleepers *sleepers, size_t index)
{
    int fd = sleepers->items[index]->watch.fd;
    if (sleepers->items[index]->pid)
        sleepers->leaving[sleepers->left++ % SLEEPERS_LEAVING] = sleepers->items[index]->pid;
    link_reader_fini(&sleepers->items[index]->reader);
    forget(sleepers, index);
    close(fd);
}

void sleepers_extend(struct sleepers *sleepers, int64_t step)
{
    struct sleeper *latest = sleepers->count ? sleepers->items[sleepers->count - 1] : NULL;
    if (latest && latest->until == step - 1)
        latest->until = step;
}

void sleepers_keep(struct sleepers *sleepers, size_t count)
{
    size_t ready = 0, i = sleepers->count;
    while (i > 0 && ready < count)
        ready += sleepers->items[--i]->pid > 0;
    while (i-- > 0)
        release(sleepers, 0);
}

void sleepers_release_after(struct sleepers *sleepers, int64_t step)
{
    while (sleepers->count && sleepers->items[sleepers->count - 1]->step > step)
        release(sleepers, sleepers->count - 1);
    if (sleepers->count && sleepers->items[sleepers->count - 1]->until > step)
        sleepers->items[sleepers->count - 1]->until = step;
}

void sleepers_release_latest(struct sleepers *sleepers)
{
    if (sleepers->count)
        release(sleepers, sleepers->count - 1);
}

void sleepers_fini(struct sleepers *sleepers)
{
    while (sleepers->count) {
        struct sleeper *sleeper = sleepers->items[sleepers->count - 1];
        if (sleeper->pid > 0)
            kill(sleeper->pid, SIGKILL);
        release(sleepers, sleepers->count - 1);
    }
}

static void take_ready(struct sleeper *sleeper, struct str content)
{
    struct str value;
    int64_t pid;
    if (json_check_object(content, NULL) && json_get(content, "pid", &value) &&
        json_read_integer(value, &pid) && pid > 1 && pid == (pid_t)pid && pid != getpid())
        sleeper->pid = (pid_t)pid;
    if (!sleeper->pid || !json_get(content, "stdout", &value) ||
        !json_read_integer(value, &sleeper->output))
        sleeper->output = 0;
}

static void take_answer(struct sleeper *sleeper, const struct link_message *message)
{
    sleeper->asked = false;
    sleeper->owner->events.answer(sleeper->owner->context, message);
}

/* False when it talks nonsense. */
static bool pass_messages(struct sleeper *sleeper)
{
    struct link_message message;
    struct error error;
    for (;;) {
        switch (link_next(&sleeper->reader, &message, &error)) {
        case LINK_MESSAGE:
            if (str_equal(message.type, STR("checkpoint_ready")))
                take_ready(sleeper, link_content(&message));
            else if (sleeper->asked)
                take_answer(sleeper, &message);
            break;
        case LINK_MORE:
            return true;
        case LINK_BROKEN:
            log_warning("a checkpoint spoke no worker protocol (%s); it is given up",
                        error.sentence);
            return false;
        }
    }
}

static void give_up(struct sleeper *sleeper)
{
    struct sleepers *sleepers = sleeper->owner;
    for (size_t i = 0; i < sleepers->count; i++) {
        if (sleepers->items[i] == sleeper) {
            release(sleepers, i);
            return;
        }
    }
}

/* Takes in what it has said. False: it is gone, or is to go. */
static bool hear(struct sleeper *sleeper)
{
    switch (link_read(&sleeper->reader, sleeper->watch.fd)) {
    case LINK_INPUT_SOME:
        return pass_messages(sleeper);
    case LINK_INPUT_NONE:
        return true;
    default:
        return false;
    }
}

static void on_link(void *context, uint32_t events)
{
    struct sleeper *sleeper = context;
    struct sleepers *sleepers = sleeper->owner;
    (void)events;
    if (!hear(sleeper))
        give_up(sleeper);
    sleepers->events.changed(sleepers->context);
}

void sleepers_add(struct sleepers *sleepers, int fd, int64_t step)
{
    struct error error;
    struct sleeper *sleeper = calloc(1, sizeof *sleeper);
    if (sleepers->count == SLEEPERS_MAX)
        release(sleepers, 0);
    if (!sleeper || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        goto fail;
    sleeper->owner = sleepers;
    sleeper->step = sleeper->until = step;
    sleeper->watch = (struct loop_watch){fd, EPOLLIN, on_link, sleeper};
    if (!loop_watch(sleepers->loop, &sleeper->watch, &error))
        goto fail;
    sleepers->items[sleepers->count++] = sleeper;
    return;
fail:
    log_warning("a checkpoint could not be kept: %s", strerror(errno));
    free(sleeper);
    close(fd);
}

/* A child of ours that has not ended. */
static bool lives(pid_t pid)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

/* Those that became ready a moment ago may have said so already. */
static void hear_unready(struct sleepers *sleepers)
{
    for (size_t i = sleepers->count; i-- > 0;)
        if (!sleepers->items[i]->pid && !hear(sleepers->items[i]))
            release(sleepers, i);
}

enum sleepers_take sleepers_take(struct sleepers *sleepers, struct woken *woken)
{
    hear_unready(sleepers);
    while (sleepers->count) {
        struct sleeper *latest = sleepers->items[sleepers->count - 1];
        if (!latest->pid)
            return SLEEPERS_UNREADY;
        if (!lives(latest->pid)) {
            release(sleepers, sleepers->count - 1);
            continue;
        }
        *woken = (struct woken){latest->pid, latest->watch.fd, latest->reader, latest->until};
        forget(sleepers, sleepers->count - 1);
        return SLEEPERS_TAKEN;
    }
    return SLEEPERS_NONE;
}

static struct sleeper *find(const struct sleepers *sleepers, int64_t step)
{
    for (size_t i = sleepers->count; i-- > 0;)
        if (sleepers->items[i]->step <= step && step <= sleepers->items[i]->until)
            return sleepers->items[i];
    return NULL;
}

bool sleepers_have(const struct sleepers *sleepers, int64_t step)
{
    const struct sleeper *sleeper = find(sleepers, step);
    return sleeper && sleeper->pid;
}

bool sleepers_expect(const struct sleepers *sleepers, int64_t step)
{
    return find(sleepers, step) != NULL;
}

size_t sleepers_pids(const struct sleepers *sleepers, pid_t *list)
{
    size_t count = 0;
    for (size_t i = 0; i < sleepers->count; i++)
        if (sleepers->items[i]->pid)
            list[count++] = sleepers->items[i]->pid;
    return count;
}

size_t sleepers_list(const struct sleepers *sleepers, pid_t *list)
{
    size_t count = sleepers_pids(sleepers, list);
    for (size_t i = 0; i < SLEEPERS_LEAVING; i++)
        if (sleepers->leaving[i])
            list[count++] = sleepers->leaving[i];
    return count;
}

/* One that has been asked is left in peace until it has answered: any message would make it drop the
 * question. */
static bool is_astray(const struct sleeper *sleeper, int64_t output)
{
    return sleeper->pid && !sleeper->asked && sleeper->output != output;
}

bool sleepers_are_astray(const struct sleepers *sleepers, int64_t output)
{
    for (size_t i = 0; i < sleepers->count; i++)
        if (is_astray(sleepers->items[i], output))
            return true;
    return false;
}

void sleepers_redirect(struct sleepers *sleepers, int64_t output, const int fds[2])
{
    for (size_t i = sleepers->count; i-- > 0;) {
        struct sleeper *sleeper = sleepers->items[i];
        if (!is_astray(sleeper, output))
            continue;
        sleeper->output = output;
        if (!link_send_pair(sleeper->watch.fd, STR("redirect"), fds))
            release(sleepers, i);
    }
}

bool sleepers_ask(struct sleepers *sleepers, int64_t step, const struct link_message *message)
{
    struct sleeper *sleeper = find(sleepers, step);
    struct buffer bytes = {0};
    if (!sleeper || !sleeper->pid || sleeper->asked)
        return false;
    link_encode(&bytes, message);
    /* It reads whenever it is asked, so a question fits the socket, or it is too long. */
    ssize_t size =
        bytes.failed ? -1 : send(sleeper->watch.fd, bytes.data, bytes.size, MSG_NOSIGNAL);
    sleeper->asked = size == (ssize_t)bytes.size;
    buffer_fini(&bytes);
    if (sleeper->asked)
        return true;
    if (size > 0)
        give_up(sleeper);
    return false;
}
