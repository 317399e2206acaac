/*
 * Checkpoints: sleeping copies of the session, made by fork after each request that may have changed
 * it.
 *
 * The session goes on as it was, with its pid, its link and its children. The copy sleeps in a
 * process group of its own and reads a link of its own, whose other end the kernel got before the
 * fork: so nothing that the session leaves half written matters to it. When the session dies, the
 * kernel adopts the copy and resumes it. A copy whose link is closed goes.
 */
#ifndef HILUM_WORKER_CHECKPOINT_H
#define HILUM_WORKER_CHECKPOINT_H

#include <hilum/evaluator.h>

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct worker;

/* Sleeping copies at once: those that `checkpoints.depth` allows, and some that are just going. */
#define CHECKPOINT_MAX 24

struct checkpoint_child {
    pid_t pid;
    int pidfd; /* readable when it has ended; -1: this system has none */
};

struct checkpoint_policy {
    bool enabled;    /* the kernel wants them and the evaluator can be forked */
    bool complained; /* the reason for having none was told */
    int64_t cost;    /* of the last one; microseconds */
    int64_t untold;  /* what was spent since the last reply; microseconds */
    int64_t work;    /* that cells have done since then; microseconds */
};

struct checkpoints {
    struct checkpoint_policy policy;
    struct checkpoint_child children[CHECKPOINT_MAX];
    size_t count;
};

/* The session was loaded; `wanted`: the kernel's configuration has checkpoints. */
void checkpoints_enable(struct worker *worker, bool wanted);

/*
 * A request that may have changed the session is over and answered; it took `work` microseconds.
 * With `more` requests waiting, a checkpoint is taken only when it pays: when it costs at most a tenth
 * of the work that it saves. Returns in the session, and again, later and in another process, with
 * what the session was when this was called, when the kernel has resumed the copy.
 */
void checkpoints_take(struct worker *worker, int64_t work, bool more);

/* Has the session changed since its last checkpoint? */
bool checkpoints_are_due(const struct worker *worker);

/* What checkpoints have cost since this was called last; microseconds. */
int64_t checkpoints_tell_cost(struct worker *worker);

/* Waits until the link is readable, or, then false, only what the evaluator watches is. Copies that go
 * meanwhile are reaped. */
bool checkpoints_wait(struct worker *worker);

/* The processes of checkpoints, which are children of this one; at most CHECKPOINT_MAX. */
size_t checkpoints_list(const struct checkpoints *checkpoints, pid_t *list);

#endif
