/*
 * Cells in flight: the worker gets cells before their turn has come, so that it goes from one to the
 * next without waiting for the kernel. They stay in the queue, as its first ones, and everything
 * that clients are told of them is told when their turn comes, as of any other cell.
 *
 * The worker serves them in order. It *halts* after a cell that was not ok, that was interrupted or
 * that left processes behind, and says so in the reply: then it drops what it was sent ahead, until
 * it gets a request that was not. So both sides agree on what was dropped by the order of messages
 * alone, and whatever a cell's end does to those behind it, is done before they run.
 */
#ifndef HILUM_KERNEL_FLIGHT_H
#define HILUM_KERNEL_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel;
struct request;

/* What the worker has ahead at most, and when it gets more. */
#define FLIGHT_MAX       32
#define FLIGHT_LOW       (FLIGHT_MAX / 2)
#define FLIGHT_BYTES_MAX ((size_t)256 << 10)

struct flight {
    size_t count; /* so many requests at the front of the queue were sent ahead */
    size_t bytes;
    struct request *last;    /* of them; NULL: there are none */
    int64_t execution_count; /* of the last one of them that is counted, or of one before */
};

/* Sends ahead what waits, if it can be and if the worker has little left to do. Nothing is sent while
 * limits are watched: who is over one must be sure to be the cell that runs. */
void flight_fill(struct kernel *kernel);

/* The request that was just taken out of the queue: true when the worker has it, and has not
 * dropped it. */
bool flight_lands(struct kernel *kernel, const struct request *request);

/* The worker has dropped what it was sent ahead, or is dead. */
void flight_cancel(struct kernel *kernel);

#endif
