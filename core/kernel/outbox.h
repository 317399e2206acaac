/* Messages that were put together and wait to be sent, first in, first out; and a stock of those that
 * were sent, whose memory the next ones use. */
#ifndef HILUM_KERNEL_OUTBOX_H
#define HILUM_KERNEL_OUTBOX_H

#include "protocol/connection.h"
#include "protocol/wire.h"

#define OUTBOX_STOCK 32 /* messages kept for the next ones */

struct outgoing {
    struct outgoing *next;
    enum channel_name channel;
    struct wire_frames frames;
};

struct outbox {
    struct outgoing *first;
    struct outgoing **end;
    size_t count;
    size_t bytes;
};

void outbox_init(struct outbox *outbox);

/* Takes over the message. */
void outbox_push(struct outbox *outbox, struct outgoing *message);

/* The first message, which becomes the caller's; NULL: there is none. */
struct outgoing *outbox_pop(struct outbox *outbox);

/* A zeroed stock is an empty one. */
struct outbox_stock {
    struct outgoing *first;
    size_t count;
};

/* An empty message, the caller's; NULL: no memory. */
struct outgoing *outbox_new(struct outbox_stock *stock);

/* Gives a message back. Accepts NULL. */
void outbox_recycle(struct outbox_stock *stock, struct outgoing *message);
void outbox_stock_fini(struct outbox_stock *stock);

#endif
