/*
 * Printed text on its way from the worker to the kernel through memory that both share, so that a
 * print costs no system call: a ring of bytes, and a ring of marks that say whose they are and where
 * they belong among what was written to the pipes. This is the kernel's side, which believes nothing
 * that it finds there; the worker's is evaluator/ring_writer.h.
 *
 * Text counts from the moment that the head is moved behind it. A worker that dies has lost nothing
 * that it printed, and leaves nothing half written.
 *
 * Order. The kernel counts what it reads from the pipes and tells that count before it reads. A
 * worker that finds a pipe empty knows that everything written to it before has been read, so the
 * count is the place of what it prints now. In the other direction: a byte that was read from a pipe
 * was written after all text in front of the head, if that is looked at after the reading.
 */
#ifndef HILUM_EVALUATOR_RING_H
#define HILUM_EVALUATOR_RING_H

#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct ring;

/* Makes the memory. NULL with the error: do without. */
struct ring *ring_new(struct error *error) __attribute__((warn_unused_result));
/* Accepts NULL. */
void ring_free(struct ring *ring);

/* What the worker gets: the memory and the descriptor that it wakes us with. They stay the ring's. */
void ring_fds(const struct ring *ring, int fds[2]);

/* The id, modulo 2^32, of the request that the worker has begun last, if that can be believed. Outlives
 * the worker. */
uint32_t ring_begun(const struct ring *ring);

/* The worker has them: the memory's is closed. */
void ring_handed_over(struct ring *ring);

/* To be watched edge-triggered, never read: becomes readable when ring_sleep says so. */
int ring_wake_fd(const struct ring *ring);

/* So many bytes are about to be read from the pipe of `stream`. The result is the new count. */
uint32_t ring_count(struct ring *ring, int stream, uint32_t bytes);

/* How far the text goes now. False: the worker has written nonsense. */
bool ring_look(struct ring *ring, uint32_t *head) __attribute__((warn_unused_result));

/* How far it was taken. */
uint32_t ring_tail(const struct ring *ring);

struct ring_piece {
    int stream; /* 0: stdout, 1: stderr */
    uint32_t after[2];
    struct str text; /* in the shared memory: to be copied before it is judged */
};

enum ring_result {
    RING_PIECE,
    RING_END, /* nothing more before `until` */
    RING_NONSENSE,
};

/* The next piece of text, up to `until`, which is not behind the head. */
enum ring_result ring_next(struct ring *ring, uint32_t until, struct ring_piece *piece)
    __attribute__((warn_unused_result));

/* So many bytes of the piece were taken: there is room for others. */
void ring_take(struct ring *ring, uint32_t bytes);

/* Asks to be woken when there are `bytes` of text that were not taken. False: there are already, and
 * nobody will be woken. */
bool ring_sleep(struct ring *ring, uint32_t bytes) __attribute__((warn_unused_result));

/* What a worker that floods us may fill before we want to be woken. */
#define RING_HALF ((uint32_t)128 << 10)

#endif
