/*
 * The memory of large messages, of which a flood of output makes one after the other, and ZeroMQ's
 * thread gives one back after the other. The C library would ask the system for the pages of each
 * anew; here they stay until the flood is over.
 */
#ifndef HILUM_KERNEL_HEAP_H
#define HILUM_KERNEL_HEAP_H

#include "base/loop.h"

struct heap {
    struct loop *loop;
    struct loop_timer rest; /* runs while there may be something to give back */
    bool is_used;           /* since the timer was started */
};

/* Changes how the C library's heap works, for the whole process. */
void heap_init(struct heap *heap, struct loop *loop);
void heap_fini(struct heap *heap);

/* A large message was made. When that has not happened for a moment, the system gets memory back. */
void heap_note(struct heap *heap);

#endif
