/*
 * The bounded queue of requests that wait their turn, first in, first out. It holds a reference to
 * each. When it is full the kernel stops reading its shell socket, so clients wait, not the kernel.
 */
#ifndef HILUM_KERNEL_QUEUE_H
#define HILUM_KERNEL_QUEUE_H

#include "kernel/request.h"

/* Whatever their number, waiting requests together may hold this many bytes. */
#define QUEUE_BYTES_MAX ((size_t)256 << 20)

struct queue {
    struct request *first;
    struct request **end; /* where the next one is linked in */
    size_t count;
    size_t bytes;
    size_t max;
};

void queue_init(struct queue *queue, size_t max);

/* Drops what is still queued. */
void queue_fini(struct queue *queue);

static inline bool queue_is_empty(const struct queue *queue)
{
    return !queue->first;
}

/* No further request should be accepted. Pushing is still possible: nothing received is lost. */
bool queue_is_full(const struct queue *queue);

/* Takes over the caller's reference. */
void queue_push(struct queue *queue, struct request *request);

/* The caller owns the reference; NULL when empty. */
struct request *queue_pop(struct queue *queue);

/*
 * Takes out, in order, every request that `matches` says yes to, and hands its reference to
 * `take`. `take` must not touch the queue.
 */
void queue_extract(struct queue *queue, bool (*matches)(const struct request *request),
                   void (*take)(void *context, struct request *request), void *context);

#endif
