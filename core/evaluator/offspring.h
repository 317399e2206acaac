/* Has a worker living descendants? */
#ifndef HILUM_EVALUATOR_OFFSPRING_H
#define HILUM_EVALUATOR_OFFSPRING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What is remembered from one question to the next. */
struct offspring {
    int loadavg;  /* /proc/loadavg, whose last number is the newest process of all; -1: not open */
    long newest;  /* that number at the last question */
    bool existed; /* the last answer */
};

/* The children of a process, at most `max` of them; returns how many. */
size_t offspring_children(pid_t parent, pid_t *list, size_t max);

/* The children of a worker and of the processes that are part of it, these excepted. */
size_t offspring_of_worker(pid_t worker, const pid_t *own, size_t own_count, pid_t *list,
                           size_t max);

void offspring_init(struct offspring *offspring);
void offspring_fini(struct offspring *offspring);

/*
 * True when the worker or a process that is part of it has children, or when this process (their
 * reaper) has adopted orphans. Costs a microsecond when no process at all was started since the last
 * question, else some more.
 */
bool offspring_exists(struct offspring *offspring, pid_t worker, const pid_t *own,
                      size_t own_count);

#endif
