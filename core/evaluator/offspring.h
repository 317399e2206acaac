/* Has a process living descendants? Asked by the worker about itself, and by the kernel about the
 * orphans that it has adopted. */
#ifndef HILUM_EVALUATOR_OFFSPRING_H
#define HILUM_EVALUATOR_OFFSPRING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Killed groups that are remembered. */
#define OFFSPRING_DOOMED 4

/* What is remembered from one question to the next. */
struct offspring {
    int loadavg;  /* /proc/loadavg, whose last number is the newest process of all; -1: not open */
    long newest;  /* that number at the last question */
    bool existed; /* the last answer */
    bool started; /* processes may have been started between the last two questions */
    struct rusage reaped; /* of children that had been waited for at the last question */
    pid_t doomed[OFFSPRING_DOOMED];
    size_t doomed_count; /* ever */
};

/* The children of a process, at most `max` of them; returns how many. */
size_t offspring_children(pid_t parent, pid_t *list, size_t max);

/* The children of a worker and of the processes that are part of it, these excepted. */
size_t offspring_of_worker(pid_t worker, const pid_t *own, size_t own_count, pid_t *list,
                           size_t max);

void offspring_init(struct offspring *offspring);
void offspring_fini(struct offspring *offspring);

/* Processes that are no offspring: all of them children of this process, or of each other. */
struct offspring_known {
    const pid_t *pids;
    size_t count;
    size_t parents; /* so many at the end of the list may have offspring of their own */
};

/*
 * True when this process, or one of the known parents, has other children than the known ones and
 * those in process groups that were killed. Costs a microsecond when this process has no children,
 * a few when no process at all was started since the last question, else some more.
 */
bool offspring_exists(struct offspring *offspring, const struct offspring_known *known);

/* After offspring_exists: false when surely no process was started since the question before, also
 * none that has gone since and left children of its own. */
bool offspring_started(const struct offspring *offspring);

/* Instead of offspring_exists, when this process has surely started none since. False: then there are
 * none. True: there were some, which may have gone; ask. */
bool offspring_untouched(struct offspring *offspring);

/* All processes of this group were killed: they may be seen for a moment, and are nothing. */
void offspring_doom(struct offspring *offspring, pid_t group);

/* As offspring_exists after it said no: processes that this one has started since are known and do
 * not make the next question dear. */
void offspring_accept(struct offspring *offspring);

#endif
