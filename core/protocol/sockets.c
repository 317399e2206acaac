#include "protocol/sockets.h"
#include "protocol/endpoint.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* Replies wait for clients that read slowly; ROUTER drops what goes beyond. */
#define REPLY_HIGH_WATER_MARK 100000
/* Messages in flight to one subscriber; with output messages of 64 KiB this bounds memory. */
#define IOPUB_HIGH_WATER_MARK 256
/* A larger frame makes ZeroMQ drop the connection that sends it. */
#define FRAME_MAX ((int64_t)256 << 20)
/* Frames of this size are not copied: ZeroMQ gets the memory that they are in. */
#define LARGE ((size_t)16 << 10)
/* How long sockets_close waits for clients to take what is queued. */
#define LINGER_MS 1000

static const int types[CHANNELS] = {
    [CHANNEL_SHELL] = ZMQ_ROUTER, [CHANNEL_CONTROL] = ZMQ_ROUTER, [CHANNEL_IOPUB] = ZMQ_XPUB,
    [CHANNEL_STDIN] = ZMQ_ROUTER, [CHANNEL_HB] = ZMQ_ROUTER,
};

static bool set(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool configure(void *socket, enum channel_name channel, bool ipv6)
{
    int64_t frame_max = FRAME_MAX;
    bool good = set(socket, ZMQ_LINGER, LINGER_MS) && set(socket, ZMQ_IPV6, ipv6) &&
                zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) == 0;
    if (channel == CHANNEL_IOPUB)
        /* VERBOSE: a second subscriber of a topic is welcomed, too (JEP 65). */
        return good && set(socket, ZMQ_XPUB_VERBOSE, 1) && set(socket, ZMQ_XPUB_NODROP, 1) &&
               set(socket, ZMQ_SNDHWM, IOPUB_HIGH_WATER_MARK);
    /* HANDOVER: a client that reconnects with its old identity takes it over. MANDATORY: a
     * question to a client that is gone fails instead of waiting for an answer for ever. */
    return good && set(socket, ZMQ_ROUTER_HANDOVER, 1) &&
           set(socket, ZMQ_SNDHWM, REPLY_HIGH_WATER_MARK) &&
           (channel != CHANNEL_STDIN || set(socket, ZMQ_ROUTER_MANDATORY, 1));
}

static bool open_one(struct sockets *sockets, struct connection *connection,
                     enum channel_name channel, struct error *error)
{
    size_t size = sizeof sockets->fd[channel];
    void *socket = zmq_socket(sockets->context, types[channel]);
    sockets->socket[channel] = socket;
    if (!socket ||
        !configure(socket, channel, endpoint_is_ipv6(connection->is_ipc, connection->ip)) ||
        !curve_serve(&connection->curve, socket))
        return error_set(error, "%s socket: %s", channel_name_text(channel), zmq_strerror(errno));
    if (!endpoint_bind(socket, connection->is_ipc, connection->ip, &connection->ports[channel],
                       &sockets->files[channel], error))
        return error_prefix(error, "%s socket", channel_name_text(channel));
    if (zmq_getsockopt(socket, ZMQ_FD, &sockets->fd[channel], &size) < 0)
        return error_set(error, "%s socket: %s", channel_name_text(channel), zmq_strerror(errno));
    sockets->touched[channel] = true;
    return true;
}

/* Ports that are given come first, so that no chosen one takes them. */
static bool open_all(struct sockets *sockets, struct connection *connection, struct error *error)
{
    bool is_given[CHANNELS];
    for (enum channel_name i = 0; i < CHANNELS; i++)
        is_given[i] = connection->ports[i] != 0;
    for (enum channel_name i = 0; i < CHANNELS; i++)
        if (is_given[i] && !open_one(sockets, connection, i, error))
            return false;
    for (enum channel_name i = 0; i < CHANNELS; i++)
        if (!is_given[i] && !open_one(sockets, connection, i, error))
            return false;
    return true;
}

/*
 * ZeroMQ's thread, which starts with the first socket, must not interrupt ours at the first of several
 * messages: it would send each one by itself. It inherits our policy then (ZMQ_THREAD_SCHED_POLICY
 * would end the process where policies may not be changed). False: it stays as it is.
 */
static bool set_batch(bool batch)
{
#ifdef SCHED_BATCH
    static const struct sched_param none = {.sched_priority = 0};
    int from = batch ? SCHED_OTHER : SCHED_BATCH, to = batch ? SCHED_BATCH : SCHED_OTHER;
    return sched_getscheduler(0) == from && sched_setscheduler(0, to, &none) == 0;
#else
    (void)batch;
    return false;
#endif
}

bool sockets_open(struct sockets *sockets, struct connection *connection, struct error *error)
{
    *sockets = (struct sockets){.context = zmq_ctx_new()};
    if (!sockets->context)
        return error_set(error, "cannot start ZeroMQ: %s", zmq_strerror(errno));
    bool batch = set_batch(true);
    bool open = open_all(sockets, connection, error);
    if (batch)
        set_batch(false);
    if (open)
        return true;
    sockets_close(sockets);
    return false;
}

void sockets_close(struct sockets *sockets)
{
    for (size_t i = 0; i < CHANNELS; i++)
        if (sockets->socket[i])
            zmq_close(sockets->socket[i]);
    if (sockets->context)
        zmq_ctx_term(sockets->context);
    for (size_t i = 0; i < CHANNELS; i++) {
        if (sockets->files[i])
            unlink(sockets->files[i]);
        free(sockets->files[i]);
    }
    *sockets = (struct sockets){.context = NULL};
}

bool sockets_receive(struct sockets *sockets, enum channel_name channel, struct received *received)
{
    sockets->touched[channel] = received_take(received, sockets->socket[channel]);
    return sockets->touched[channel];
}

void sockets_release(struct received *received)
{
    received_release(received);
}

static enum send_result send_part(void *socket, struct str part, bool more)
{
    for (;;) {
        if (zmq_send(socket, part.data, part.size, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) >= 0)
            return SEND_DONE;
        if (errno == EAGAIN)
            return SEND_FULL;
        if (errno != EINTR)
            return SEND_LOST;
    }
}

/* zmq_send looks only now and then whether there is room again, and while it has not looked its
 * descriptor does not tell. */
static bool has_room(void *socket)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 && events & ZMQ_POLLOUT;
}

static void free_bytes(void *frame, void *bytes)
{
    (void)frame;
    free(bytes);
}

/* The last frame that is large, or the count when none is. */
static size_t find_large(const struct wire_frames *frames)
{
    for (size_t i = frames->count; i-- > 1;)
        if (wire_frame(frames, i).size >= LARGE)
            return i;
    return frames->count;
}

/* Sends the frame at `index`; those after it are still needed, as copies. */
static enum send_result send_large(void *socket, struct wire_frames *frames, size_t index)
{
    struct buffer rest = {0};
    zmq_msg_t part;
    struct str frame = wire_frame(frames, index);
    size_t end = frames->ends[index];
    buffer_append(&rest, str_slice(buffer_str(&frames->bytes), end, frames->bytes.size));
    if (rest.failed || zmq_msg_init_data(&part, (char *)(uintptr_t)frame.data, frame.size,
                                         free_bytes, frames->bytes.data) < 0) {
        buffer_fini(&rest);
        return send_part(socket, frame, index + 1 < frames->count);
    }
    frames->bytes = (struct buffer){.max = frames->bytes.max};
    int flags = ZMQ_DONTWAIT | (index + 1 < frames->count ? ZMQ_SNDMORE : 0), size;
    do
        size = zmq_msg_send(&part, socket, flags);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        zmq_msg_close(&part);
    for (size_t i = index + 1, at = 0; i < frames->count && size >= 0; i++) {
        size_t next = frames->ends[i] - end;
        if (send_part(socket, str_slice(buffer_str(&rest), at, next), i + 1 < frames->count) !=
            SEND_DONE)
            size = -1;
        at = next;
    }
    buffer_fini(&rest);
    frames->count = 0;
    return size < 0 ? SEND_LOST : SEND_DONE;
}

/* ZeroMQ accepts or refuses a message by its first part; the others then cannot be refused. */
enum send_result sockets_send(struct sockets *sockets, enum channel_name channel,
                              struct wire_frames *frames)
{
    size_t large = find_large(frames);
    void *socket = sockets->socket[channel];
    sockets->touched[channel] = true;
    for (size_t i = 0; i < frames->count; i++) {
        bool more = i + 1 < frames->count;
        enum send_result result = i == large ? send_large(socket, frames, i)
                                             : send_part(socket, wire_frame(frames, i), more);
        if (result == SEND_FULL && i == 0 && has_room(socket))
            result = send_part(socket, wire_frame(frames, i), more);
        if (result != SEND_DONE)
            return result;
    }
    return SEND_DONE;
}

void sockets_echo(struct sockets *sockets, enum channel_name channel, struct received *received)
{
    sockets->touched[channel] = true;
    for (size_t i = 0; i < received->count; i++)
        if (send_part(sockets->socket[channel], received->frames[i], i + 1 < received->count) !=
            SEND_DONE)
            return;
}

void sockets_set_lossy(struct sockets *sockets, bool lossy)
{
    set(sockets->socket[CHANNEL_IOPUB], ZMQ_XPUB_NODROP, !lossy);
}
