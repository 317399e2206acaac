/*
 * The worker's side of the memory that it shares with the kernel (evaluator/ring.h). One process
 * writes at a time: the session. A process that is forked off, by user code or as a checkpoint, does
 * not own the ring, until ring_writer_own makes a checkpoint the session.
 */
#ifndef HILUM_EVALUATOR_RING_WRITER_H
#define HILUM_EVALUATOR_RING_WRITER_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct ring_page;

struct ring_writer {
    struct ring_page *page; /* NULL: there is none */
    volatile bool *owned;   /* in memory that a fork wipes */
    int wake;               /* what wakes the kernel */
    uint32_t head;
    uint32_t mark_head;
    bool marked; /* since we own it */
    int stream;  /* of the last mark */
    uint32_t after[2];
};

/* Maps the memory; takes over both descriptors. False: it is not what we know; do without. */
bool ring_writer_open(struct ring_writer *writer, int memory, int wake);
void ring_writer_close(struct ring_writer *writer);

/* Whether there is a ring, and this process may write to it. */
bool ring_writer_is_ours(const struct ring_writer *writer);

/* This process is the session now; the one that was before is dead. */
void ring_writer_own(struct ring_writer *writer);

/* A request is begun. Whatever becomes of this process, the kernel can see it. */
void ring_writer_begin(const struct ring_writer *writer, int64_t id);

/* How many bytes were read from each pipe. After both were seen to be empty: the place of now. */
void ring_writer_consumed(const struct ring_writer *writer, uint32_t consumed[2]);

/*
 * Text for `stream` (0: stdout, 1: stderr). Waits while there is no room; `interrupted` is asked when a
 * signal ends that. False: it said so, and the rest of the text is not written.
 */
bool ring_writer_put(struct ring_writer *writer, int stream, struct str text,
                     bool (*interrupted)(void));

#endif
