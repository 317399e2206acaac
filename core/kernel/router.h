/*
 * Every message type a client may send, in one table: on which channels, whether it waits its turn,
 * and who answers. Whatever happens to a request, `busy` comes before it and `idle` after it.
 */
#ifndef HILUM_KERNEL_ROUTER_H
#define HILUM_KERNEL_ROUTER_H

#include "kernel/request.h"
#include "protocol/sockets.h"

struct kernel;

enum handled {
    HANDLED, /* the request is answered */
    PENDING, /* somebody keeps it (with a reference) and will call router_finish */
};

struct request_type {
    struct str name;
    struct str reply;  /* "execute_reply" */
    unsigned channels; /* 1 << CHANNEL_SHELL | ... */
    bool queued;       /* waits its turn on shell; else answered at once */
    enum handled (*handle)(struct kernel *kernel, struct request *request);
};

/* Checks what was received; what is no good message costs a log line and a counter. */
bool router_read(struct kernel *kernel, enum channel_name channel, const struct received *received,
                 struct wire_incoming *message);

/* What the counters say, as one log line; nothing when nothing was dropped. */
void router_report_faults(const struct kernel *kernel);

/* The message as a request of its own, independent of the frames; NULL: no memory. */
struct request *router_keep(enum channel_name channel, const struct wire_incoming *message);

/* Queues or answers it. Takes over the caller's reference. May receive further messages. */
void router_dispatch(struct kernel *kernel, struct request *request);

/* Starts what is next in the queue, as far as possible. */
void router_advance(struct kernel *kernel);

/* While the worker's messages are told: the next request is adopted when it is in flight. */
void router_land(struct kernel *kernel);

/* A pending request has been answered: idle. Drops the caller's reference. */
void router_finish(struct kernel *kernel, struct request *request);

/* May more requests be taken from the shell socket? */
bool router_accepts_shell(const struct kernel *kernel);

#endif
