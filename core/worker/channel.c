#include "worker/channel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEEP ((size_t)64 << 10)

void channel_init(struct channel *channel, int fd)
{
    *channel = (struct channel){.fd = fd, .owner = getpid(), .fds = {-1, -1}};
    channel->out.max = LINK_BODY_MAX + LINK_HEADER_MAX;
}

void channel_fini(struct channel *channel)
{
    buffer_fini(&channel->out);
    link_reader_fini(&channel->in);
    link_reader_fini(&channel->kept);
}

void channel_disown(struct channel *channel)
{
    channel->owner = getpid();
    buffer_clear(&channel->out, 0);
    link_reader_fini(&channel->in);
    link_reader_fini(&channel->kept);
    channel->in = channel->kept = (struct link_reader){.consumed = 0};
}

bool channel_redirect(struct channel *channel)
{
    static const int targets[] = {STDOUT_FILENO, STDERR_FILENO};
    bool redirected = false;
    for (int i = 0; i < 2; i++) {
        if (channel->fds[i] < 0)
            continue;
        dup2(channel->fds[i], targets[i]);
        close(channel->fds[i]);
        channel->fds[i] = -1;
        redirected = true;
    }
    return redirected;
}

_Noreturn void channel_abandon(void)
{
    kill(0, SIGKILL);
    _exit(1);
}

void channel_send_message(struct channel *channel, const struct link_message *message)
{
    link_encode(&channel->out, message);
    channel->unplaced |= !message->at.known;
}

void channel_send(struct channel *channel, struct str type, int64_t id, struct str content)
{
    struct link_message message = {.type = type, .id = id};
    if (content.size)
        message.parts[message.part_count++] = content;
    channel_send_message(channel, &message);
}

void channel_flush(struct channel *channel)
{
    if (getpid() != channel->owner)
        _exit(0);
    if (channel->out.failed)
        channel_abandon();
    struct str left = buffer_str(&channel->out);
    while (left.size) {
        ssize_t size = send(channel->fd, left.data, left.size, MSG_NOSIGNAL);
        if (size < 0 && errno != EINTR)
            channel_abandon();
        if (size > 0)
            left = str_slice(left, (size_t)size, left.size);
    }
    buffer_clear(&channel->out, KEEP);
}

static bool next_of(struct link_reader *reader, struct link_message *message)
{
    struct error error;
    switch (link_next(reader, message, &error)) {
    case LINK_MESSAGE:
        return true;
    case LINK_MORE:
        return false;
    case LINK_BROKEN:
        break;
    }
    channel_abandon();
}

bool channel_next(struct channel *channel, struct link_message *message)
{
    return next_of(&channel->kept, message) || next_of(&channel->in, message);
}

void channel_keep(struct channel *channel, const struct link_message *message)
{
    struct link_reader *kept = &channel->kept;
    buffer_consume(&kept->bytes, kept->consumed);
    kept->consumed = 0;
    link_encode(&kept->bytes, message);
    if (kept->bytes.failed)
        channel_abandon();
}

/* Reads what has arrived. False: nothing. */
static bool read_arrived(struct channel *channel)
{
    struct pollfd poll_in = {.fd = channel->fd, .events = POLLIN};
    if (poll(&poll_in, 1, 0) <= 0)
        return false;
    if (link_read_fds(&channel->in, channel->fd, channel->fds) >= LINK_INPUT_ENDED)
        channel_abandon();
    return true;
}

static bool peek_of(struct link_reader *reader, struct link_message *message)
{
    size_t consumed = reader->consumed;
    bool found = next_of(reader, message);
    reader->consumed = consumed;
    return found;
}

bool channel_peek(struct channel *channel, bool look, struct link_message *message)
{
    return peek_of(&channel->kept, message) || peek_of(&channel->in, message) ||
           (look && read_arrived(channel) && peek_of(&channel->in, message));
}

/*
 * Waits until fd is readable or SIGINT said that we should stop. SIGINT is held back between the
 * check and the wait, so that none slips in between.
 */
static bool wait_readable(struct channel *channel, bool (*interrupted)(void))
{
    sigset_t held, before;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    struct pollfd poll = {.fd = channel->fd, .events = POLLIN};
    bool stop = false;
    for (;;) {
        stop = interrupted();
        if (stop || ppoll(&poll, 1, NULL, &before) >= 0 || errno != EINTR)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !stop;
}

/*
 * Who sleeps in recvmsg is woken, for nothing, also when the other side has read what was sent
 * before: the socket has room again.
 */
static void await_readable(const struct channel *channel)
{
    struct pollfd poll_in = {.fd = channel->fd, .events = POLLIN};
    (void)poll(&poll_in, 1, -1);
}

enum channel_result channel_receive(struct channel *channel, struct link_message *message,
                                    bool (*interrupted)(void))
{
    for (;;) {
        if (next_of(&channel->in, message))
            return CHANNEL_MESSAGE;
        if (interrupted && !wait_readable(channel, interrupted))
            return CHANNEL_INTERRUPTED;
        if (!interrupted)
            await_readable(channel);
        if (link_read_fds(&channel->in, channel->fd, channel->fds) >= LINK_INPUT_ENDED)
            channel_abandon();
    }
}

enum channel_result channel_poll(struct channel *channel, struct link_message *message)
{
    for (;;) {
        if (next_of(&channel->in, message))
            return CHANNEL_MESSAGE;
        if (!read_arrived(channel))
            return CHANNEL_NOTHING;
    }
}
