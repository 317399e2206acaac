/*
 * Printed text (stdout, stderr) on its way to `stream` messages. Where it comes from is
 * kernel/gather's business.
 *
 * A print after a quiet moment goes out at once; while prints keep coming they are collected and go
 * out every OUTPUT_INTERVAL_MS or OUTPUT_CHUNK bytes, so that a flood is few messages and a waiting
 * cell's last line is never late. Code points are kept whole; bytes that are no UTF-8 become U+FFFD.
 */
#ifndef HILUM_KERNEL_OUTPUT_H
#define HILUM_KERNEL_OUTPUT_H

#include "base/loop.h"
#include "kernel/publisher.h"

#define OUTPUT_INTERVAL_MS 20
#define OUTPUT_CHUNK       ((size_t)64 << 10)

enum output_stream { OUTPUT_OUT, OUTPUT_ERR };

struct output;

/* NULL: out of memory. */
struct output *output_new(struct loop *loop, struct publisher *publisher)
    __attribute__((warn_unused_result));

/* Publishes what is left. Accepts NULL. */
void output_free(struct output *output);

/* From now on output belongs to `parent`; `muted`: it is dropped (a silent request). What is still
 * there belongs to the one before. */
void output_set_parent(struct output *output, struct request *parent, bool muted);
struct request *output_parent(const struct output *output); /* NULL: nothing ran yet */
bool output_is_muted(const struct output *output);

/* Text comes after all that was added before, on either stream. Full chunks are published. */
void output_add(struct output *output, int stream, struct str text);

/* Publishes what was added, if nothing was a moment ago; else soon. */
void output_publish_due(struct output *output);

/* Publishes what was added, except for the start of an incomplete code point. */
void output_publish(struct output *output);

/* Publishes what was added, incomplete code points too. */
void output_flush(struct output *output);

/* What was left out for the parent's quota and not told yet is told. */
void output_tell_left_out(struct output *output);

#endif
