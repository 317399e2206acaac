/*
 * Holds the active request to its limits. Time is watched by a timer, what the session's processes use
 * by samples; both only while a request runs and only for limits that are set. After a cell that left
 * processes behind, the limits of the session are watched until those are gone.
 *
 * Above a soft limit the request is interrupted, as by the user, but ends as an error with the limit's
 * name; above a hard one, or when the interrupt did not help, the worker is killed.
 */
#ifndef HILUM_KERNEL_GUARD_H
#define HILUM_KERNEL_GUARD_H

#include "base/loop.h"
#include "guard/limits.h"
#include "guard/process_tree.h"

struct kernel;
struct request;

struct guard {
    struct limits session; /* the operator's */
    struct limits cell;    /* what holds for the active request */
    bool is_own;           /* they come from the cell itself */
    bool watches;          /* any of the cell's has to be watched */
    bool samples;          /* and some of them by samples */
    bool running;          /* from guard_begin to guard_end */
    struct loop_timer wall, sample;
    int64_t began;        /* loop_now's milliseconds; later by what was spent waiting for a user */
    int64_t asked;        /* since when the user is asked; 0: no question is open */
    pid_t pid;            /* the session process that runs it */
    uint64_t began_ticks; /* clock ticks since boot */
    int64_t cpu_before;   /* of the session process when it began; milliseconds */
    struct limit_use use; /* as far as it is known */
    struct limit_use forgiven; /* see limits_exceeded */
    bool is_breached;
    struct breach breach;
    struct process_tree tree;
};

void guard_init(struct kernel *kernel);
void guard_fini(struct kernel *kernel);

/* A cell's own limits, from its `%limit` line; they hold until guard_end. */
void guard_set_cell(struct kernel *kernel, const struct limits *limits);

/* The worker is sent the active request, and has answered it or died. */
void guard_begin(struct kernel *kernel);
void guard_end(struct kernel *kernel);

/* The reply is out: time for what need not delay it. */
void guard_settle(struct kernel *kernel);

/* The user is being asked, and has answered: the wall clock stands still meanwhile. */
void guard_hold(struct kernel *kernel);
void guard_release(struct kernel *kernel);

/* Has the active request exceeded a limit? */
bool guard_is_breached(const struct kernel *kernel);

/* The sentence that such a request fails with. */
void guard_describe(const struct kernel *kernel, char *sentence, size_t size);

/* The name and the code of that error; otherwise `fallback`. */
const char *guard_error_name(const struct kernel *kernel, const char *fallback);
const char *guard_error_code(const struct kernel *kernel, const char *fallback);

/* Why the worker is killed that did not stop; false: no limit is the reason. */
bool guard_write_verdict(const struct kernel *kernel, struct buffer *reason);

/* What the session's processes use now, for people and for metrics. */
void guard_measure(const struct kernel *kernel, struct process_use *use);

/* Kills every process of the session but the worker and its checkpoints. */
void guard_purge(struct kernel *kernel);

#endif
