/*
 * Every message type a client may send, in one table: on which channels, whether it waits its turn,
 * and who answers. Whatever happens to a request, `busy` comes before it and `idle` after it.
 */
#ifndef HILUM_KERNEL_ROUTER_H
#define HILUM_KERNEL_ROUTER_H

#include "kernel/request.h"

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

/* Takes in one message that was received on a channel. */
void router_receive(struct kernel *kernel, enum channel_name channel);

/* Starts what is next in the queue, as far as possible. */
void router_advance(struct kernel *kernel);

/* A pending request has been answered: idle. Drops the caller's reference. */
void router_finish(struct kernel *kernel, struct request *request);

/* May more requests be taken from the shell socket? */
bool router_accepts_shell(const struct kernel *kernel);

#endif
