/*
 * The five ZeroMQ sockets of a kernel: bound, received from and sent to without ever blocking.
 *
 * ZMQ_FD is edge-triggered: it says "look again", once. After every send or receive a socket may
 * have become readable without a further edge, so each socket carries `touched`, set by this module
 * and by whoever saw the edge, and cleared only by a receive that found nothing.
 */
#ifndef HILUM_PROTOCOL_SOCKETS_H
#define HILUM_PROTOCOL_SOCKETS_H

#include "protocol/connection.h"
#include "protocol/received.h"
#include "protocol/wire.h"

#include <zmq.h>

struct sockets {
    void *context;
    void *socket[CHANNELS];
    int fd[CHANNELS];       /* to be watched for input; owned by ZeroMQ */
    bool touched[CHANNELS]; /* may have something to receive */
    char *files[CHANNELS];  /* of ipc sockets: to be removed at the end */
};

/* Binds all five or none, and fills in the ports that were left to the kernel. Errors name the
 * channel and the endpoint. */
bool sockets_open(struct sockets *sockets, struct connection *connection, struct error *error)
    __attribute__((warn_unused_result));

/* Sends what is still queued, for at most a second, and closes. A zeroed struct is accepted. */
void sockets_close(struct sockets *sockets);

/* False when nothing is there (then the socket is not touched any more). */
bool sockets_receive(struct sockets *sockets, enum channel_name channel, struct received *received);
void sockets_release(struct received *received);

enum send_result {
    SEND_DONE,
    SEND_FULL, /* the high-water mark is reached: try again when writable; nothing was sent */
    SEND_LOST, /* the peer is gone, or the message cannot be sent */
};

/* ZeroMQ may take over the memory of `frames`, which is empty then. */
enum send_result sockets_send(struct sockets *sockets, enum channel_name channel,
                              struct wire_frames *frames);

/* Sends back what was received, frame by frame (the heartbeat). */
void sockets_echo(struct sockets *sockets, enum channel_name channel, struct received *received);

/* IOPub: with `lossy`, a subscriber that is full misses messages instead of holding everyone up. */
void sockets_set_lossy(struct sockets *sockets, bool lossy);

#endif
