/*
 * What comes out of one pair of pipes (stdout, stderr), on its way to `stream` messages.
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

struct output;

/* Takes over the read ends, which must not block, also when it fails (NULL). */
struct output *output_new(struct loop *loop, struct publisher *publisher, int out_fd, int err_fd,
                          struct error *error) __attribute__((warn_unused_result));

/* Publishes what is left and closes the pipes. Accepts NULL. */
void output_free(struct output *output);

/* From now on output belongs to `parent`; `muted`: it is read and dropped (a silent request). What
 * is still there belongs to the one before. */
void output_set_parent(struct output *output, struct request *parent, bool muted);
struct request *output_parent(const struct output *output); /* NULL: nothing ran yet */
bool output_is_muted(const struct output *output);

/* Reads all that both pipes hold now and publishes it, except for the start of an incomplete code
 * point. */
void output_drain(struct output *output);

/* Publishes what was read, incomplete code points too. */
void output_flush(struct output *output);

/* What was left out for the parent's quota and not told yet is told. */
void output_tell_left_out(struct output *output);

/* Stops or resumes reading: backpressure. */
void output_pause(struct output *output, bool pause);

/* The inode of the pipe that is stdout; -1: it has ended. */
int64_t output_inode(const struct output *output);

/* New write ends of both pipes, which are the caller's. False: they have ended. */
bool output_reopen(const struct output *output, int fds[2]);

/* Both pipes have ended: nobody can write into them any more. */
bool output_has_ended(const struct output *output);

#endif
