/*
 * What the worker prints, on its way from the pipes to `stream` messages.
 *
 * A print after a quiet moment goes out at once; while prints keep coming they are collected and go
 * out every OUTPUT_INTERVAL_MS or OUTPUT_CHUNK bytes, so that a flood is few messages and a waiting
 * cell's last line is never late. Code points are kept whole; bytes that are no UTF-8 become U+FFFD.
 */
#ifndef HILUM_KERNEL_OUTPUT_H
#define HILUM_KERNEL_OUTPUT_H

#include "base/buffer.h"
#include "base/loop.h"
#include "evaluator/worker_process.h"
#include "kernel/publisher.h"

#define OUTPUT_INTERVAL_MS 20
#define OUTPUT_CHUNK       ((size_t)64 << 10)

struct output_stream {
    struct buffer text; /* read, not yet published */
    int64_t published;  /* when the last message went out; loop_now's milliseconds */
    int64_t read;       /* when something was read last; the same */
};

struct output {
    struct loop *loop;
    struct publisher *publisher;
    struct request *parent; /* what the output belongs to; NULL: nothing ran yet */
    bool muted;             /* a silent request: read and dropped */
    struct output_stream streams[WORKER_STREAMS];
    struct buffer content;
    struct loop_timer timer;
};

void output_init(struct output *output, struct loop *loop, struct publisher *publisher);
void output_fini(struct output *output);

/* From now on output belongs to `parent`. What is still there belongs to the one before. */
void output_set_parent(struct output *output, struct request *parent, bool muted);

/* Reads once from one of the worker's pipes; publishes what is due. */
void output_read(struct output *output, struct worker_process *worker, int stream);

/* Reads all that both pipes hold now and publishes it, except for the start of an incomplete code
 * point. */
void output_drain(struct output *output, struct worker_process *worker);

/* Publishes everything, incomplete code points too: nothing more will come. */
void output_flush(struct output *output);

#endif
