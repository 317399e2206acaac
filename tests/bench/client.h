/*
 * A Jupyter client for one kernel: three sockets, signed requests, answers recognised by the id of
 * the request they belong to. Requests are built before the clock starts; client_verify does the
 * expensive checks on requests that are not timed.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "connection.h"
#include "message.h"

#include <nettle/hmac.h>
#include <stdint.h>

enum channel {
    CHANNEL_SHELL,
    CHANNEL_CONTROL,
    CHANNEL_IOPUB,
    CHANNEL_COUNT,
};

#define CHANNEL_BIT(channel) (1u << (channel))
#define CHANNEL_ALL          (CHANNEL_BIT(CHANNEL_COUNT) - 1)

struct client {
    void *sockets[CHANNEL_COUNT]; /* NULL: not connected */
    struct hmac_sha256_ctx mac;
    char session[33];
    uint64_t last_id;
};

/* A request that is ready to be sent. */
struct request {
    uint64_t id;
    char signature[64];
    char header[384];
    size_t header_size;
    struct span content; /* borrowed; outlives the request */
};

void client_init(struct client *client, const struct connection *connection);

/*
 * Connects the channels of the mask. `is_slow`: what is not read from IOPub stays in the kernel
 * instead of filling this process. False when libzmq says no; zmq_errno() says why.
 */
bool client_connect(struct client *client, void *zmq, const struct connection *connection,
                    unsigned channels, bool is_slow) __attribute__((warn_unused_result));
void client_close(struct client *client);

void client_build(struct client *client, struct request *request, const char *type,
                  struct span content);

/* Does not block: what the kernel does not take yet waits in this process. */
bool client_send(struct client *client, enum channel channel, const struct request *request)
    __attribute__((warn_unused_result));

/* Never waits. The message may belong to any request. */
enum receive_result client_receive(struct client *client, enum channel channel,
                                   struct message *message) __attribute__((warn_unused_result));

/* Waits until one of the channels can be read or the time is over. */
void client_wait(struct client *client, unsigned channels, int64_t nanoseconds);

/* Set *id to the request of this client that the message answers; false for anything else. */
bool client_parent(const struct client *client, const struct message *message, uint64_t *id);

/* Signature, JSON and header members. False with a sentence in *why. */
bool client_verify(struct client *client, const struct message *message, const char **why)
    __attribute__((warn_unused_result));

#endif
