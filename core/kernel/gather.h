/*
 * What a worker prints, put in order: from a pair of pipes (stdout, stderr), into which C libraries and
 * child processes write, and from the ring of the worker's own prints (evaluator/ring.h). It goes to
 * an output.
 *
 * Reading has two halves, gather_look and gather_emit: what came over the link before is to be told
 * between them.
 */
#ifndef HILUM_KERNEL_GATHER_H
#define HILUM_KERNEL_GATHER_H

#include "base/loop.h"
#include "evaluator/link.h"
#include "evaluator/ring.h"
#include "kernel/output.h"

struct gather;

struct gather_events {
    /* Something was printed: to be answered by gather_look and gather_emit. False: the gather is gone,
     * or somebody else's now. */
    bool (*printed)(void *context, struct gather *gather);
    /* There is nonsense in the ring. */
    void (*broken)(void *context);
};

/* Takes over the read ends, which must not block, also when it fails (NULL). */
struct gather *gather_new(struct loop *loop, struct publisher *publisher, const int pipes[2],
                          const struct gather_events *events, void *context, struct error *error)
    __attribute__((warn_unused_result));

/* Emits what was read and closes the pipes. Accepts NULL. */
void gather_free(struct gather *gather);

/* Where its text goes. */
struct output *gather_output(const struct gather *gather);

/* The worker's ring, borrowed: from the gather that had it, if any. */
void gather_take_ring(struct gather *gather, struct ring *ring, struct gather *from);

/* Reads from both pipes, and notes how far the ring goes. False: the pipes were empty. */
bool gather_look(struct gather *gather);

/* Emits all that gather_look saw. */
void gather_emit(struct gather *gather);

/* Emits what comes before `at`, which is known. The rest is kept. */
void gather_emit_until(struct gather *gather, const struct link_at *at);

/* Looks and emits until the pipes are empty, and publishes it. */
void gather_drain(struct gather *gather);

/* Something may have been printed without a word. */
void gather_look_soon(struct gather *gather);

/* Stops or resumes reading: backpressure. */
void gather_pause(struct gather *gather, bool pause);

/* The inode of the pipe that is stdout; -1: it has ended. */
int64_t gather_inode(const struct gather *gather);

/* New write ends of both pipes, which are the caller's. False: they have ended. */
bool gather_reopen(const struct gather *gather, int fds[2]);

/* Both pipes have ended: nobody can write into them any more. */
bool gather_has_ended(const struct gather *gather);

#endif
