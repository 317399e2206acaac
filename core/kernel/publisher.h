/*
 * Everything that leaves the kernel: IOPub messages and replies.
 *
 * IOPub loses nothing: while a subscriber is full, messages wait here in order and the publisher is
 * `congested`; whoever produces output stops reading its source until that is over. A subscriber
 * that takes nothing for PUBLISHER_PATIENCE_MS is treated as gone: until it reads again, a full
 * subscriber misses messages instead of holding everyone up, and log lines say so.
 *
 * A client's IOPub connection may come up later than its shell connection (each ZeroMQ socket has
 * its own time for the next attempt). So what is published before the first subscriber has come is
 * kept for it, for PUBLISHER_WELCOME_MS.
 *
 * Waking ZeroMQ's thread and the client costs more than a message does. So what is sent in one turn of
 * the loop is held and leaves at its end (`publisher_release`), or with PUBLISHER_HOLD_BYTES.
 */
#ifndef HILUM_KERNEL_PUBLISHER_H
#define HILUM_KERNEL_PUBLISHER_H

#include "base/loop.h"
#include "kernel/heap.h"
#include "kernel/outbox.h"
#include "kernel/request.h"
#include "protocol/sockets.h"
#include "protocol/wire.h"
#include "telemetry/metrics.h"

#define PUBLISHER_PATIENCE_MS 30000
#define PUBLISHER_WELCOME_MS  2000
#define PUBLISHER_EARLY_MAX   1000 /* messages kept for the first subscriber */
#define PUBLISHER_HOLD_BYTES  ((size_t)32 << 10)
#define PUBLISHER_LARGE       ((size_t)16 << 10) /* messages whose memory is worth to be kept */

struct publisher {
    struct loop *loop;
    struct sockets *sockets;
    struct wire_sender *sender;
    struct metrics *metrics;      /* that count what is sent */
    struct outgoing *draft;       /* the message being put together */
    struct wire_outgoing drafted; /* of publish_begin */
    struct request *drafted_for;  /* its parent, */
    size_t drafted_at;            /* and where its content begins */
    struct outbox held;           /* sent together at the end of the loop's turn */
    struct outbox backlog;        /* what IOPub did not take yet; after it comes what is held */
    struct outbox_stock stock;
    struct heap heap;
    bool early;                 /* nobody has subscribed yet */
    struct loop_timer welcome;  /* ends `early` */
    bool lossy;                 /* patience was lost */
    int64_t probe_at;           /* when lossy: time to see whether everyone reads again */
    struct loop_timer patience; /* runs while there is a backlog and nothing moves */
    struct loop_timer retry;
};

void publisher_init(struct publisher *publisher, struct loop *loop, struct sockets *sockets,
                    struct wire_sender *sender, struct metrics *metrics);
void publisher_fini(struct publisher *publisher);

/* The sockets are open: messages are kept for the first subscriber from now on. */
void publisher_start(struct publisher *publisher);

/* Sends on IOPub with `parent` (NULL: none) as parent. `content` is a JSON object. */
void publish(struct publisher *publisher, struct str msg_type, struct request *parent,
             struct str content);

/* As publish, with metadata (empty: {}) and binary buffers. */
void publish_buffers(struct publisher *publisher, struct str msg_type, struct request *parent,
                     struct str content, struct str metadata, const struct str *buffers,
                     size_t buffer_count);

/*
 * As publish, for content that is long: it is appended to the buffer that is returned (NULL: no memory,
 * and it is lost), which has room for `size` bytes and grows. Nothing else may be published until
 * publish_end.
 */
struct buffer *publish_begin(struct publisher *publisher, struct str msg_type,
                             struct request *parent, size_t size);
void publish_end(struct publisher *publisher);

/* status: busy, idle or starting. */
void publish_status(struct publisher *publisher, const struct request *parent, struct str state);

/* JEP 65: greets whoever has just subscribed to `topic`, which is UTF-8. */
void publish_welcome(struct publisher *publisher, struct str topic);

/* Answers on the channel that asked. */
void send_reply(struct publisher *publisher, const struct request *request, struct str msg_type,
                struct str content);

/* Asks the client that sent `request`, over stdin. False: it is gone. */
bool send_input_request(struct publisher *publisher, const struct request *request,
                        struct str content);

/* Sends what is held, before the loop waits. True when there was something, so that the sockets have to
 * be looked at again. */
bool publisher_release(struct publisher *publisher);

bool publisher_is_congested(const struct publisher *publisher);

/* Tries to send what waits; to be called when the IOPub socket may take messages again. */
void publisher_flush(struct publisher *publisher);

#endif
