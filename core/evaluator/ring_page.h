/*
 * The page that a worker and the kernel share, for printed text: its layout. See evaluator/ring.h.
 *
 * All counts run for ever and wrap around at 2^32; differences are what counts. Each member is
 * written by one side only, except wake_at.
 */
#ifndef HILUM_EVALUATOR_RING_PAGE_H
#define HILUM_EVALUATOR_RING_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

#define RING_SIZE    ((uint32_t)256 << 10) /* bytes of text; a power of two */
#define RING_MARKS   1024u                 /* a power of two */
#define RING_VERSION 1u

/* Two processes share them: they must be what the processor has, not a lock in a library. */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && sizeof(atomic_uint) == 4, "atomics are not lock-free");
_Static_assert((RING_SIZE & (RING_SIZE - 1)) == 0 && (RING_MARKS & (RING_MARKS - 1)) == 0,
               "counts must wrap around where the ring does");

/* From byte `at` of the text on: of this stream (0: stdout, 1: stderr), after so many bytes that were
 * read from the pipes of stdout and stderr. */
struct ring_mark {
    uint32_t at;
    uint32_t stream;
    uint32_t after[2];
};

struct ring_page {
    /* The kernel's. */
    _Alignas(64) atomic_uint version;
    atomic_uint tail;        /* text that was taken */
    atomic_uint mark_tail;   /* marks that were taken */
    atomic_uint consumed[2]; /* bytes read from each pipe: told before they are read */
    /* The kernel wants to be woken when the head is here. Whoever wakes it moves this far away. */
    atomic_uint wake_at;
    /* The worker's. */
    _Alignas(64) atomic_uint head; /* text that is there: what is behind it does not count */
    atomic_uint mark_head;
    atomic_uint writer_waits; /* for `tail` to change */
    atomic_uint begun;        /* the id of the request that was begun last */
    _Alignas(64) struct ring_mark marks[RING_MARKS];
    _Alignas(4096) char text[RING_SIZE];
};

#endif
