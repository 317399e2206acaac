/* Has a process living descendants? Asked by the worker about itself, and by the kernel about the
 * orphans that it has adopted. */
#ifndef HILUM_EVALUATOR_OFFSPRING_H
#define HILUM_EVALUATOR_OFFSPRING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Killed groups that are remembered. */
#define OFFSPRING_DOOMED 4

/* What is remembered from one question to the next. */
struct offspring {
    int loadavg;  /* /proc/loadavg, whose last number is the newest process of all; -1: not open */
    long newest;  /* that number at the last question */
    bool existed; /* the last answer */
    pid_t doomed[OFFSPRING_DOOMED];
    size_t doomed_count; /* ever */
};

/* The children of a process's main thread, at most `max` of them; returns how many. */
size_t offspring_children(pid_t parent, pid_t *list, size_t max);

void offspring_init(struct offspring *offspring);
void offspring_fini(struct offspring *offspring);

/*
 * True when this process has children other than those in `except` and those in process groups that
 * were killed. Costs a microsecond when no process at all was started since the last question, else
 * some more.
 */
bool offspring_exists(struct offspring *offspring, const pid_t *except, size_t count);

/* All processes of this group were killed: they may be seen for a moment, and are nothing. */
void offspring_doom(struct offspring *offspring, pid_t group);

/* As offspring_exists after it said no: processes that this one has started since are known and do
 * not make the next question dear. */
void offspring_accept(struct offspring *offspring);

#endif
