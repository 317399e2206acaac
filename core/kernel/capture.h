/*
 * Who printed it? Output belongs to the cell that started the process which writes it, also when that
 * process lives on in the background while other cells run.
 *
 * A pipe does not tell who wrote into it. So when a cell leaves processes behind, the worker gets a
 * new pair of pipes before the next cell; the old pair stays with the cell that is over, until
 * nobody holds it any more. Cells that leave nothing behind share a pair.
 */
#ifndef HILUM_KERNEL_CAPTURE_H
#define HILUM_KERNEL_CAPTURE_H

#include "evaluator/offspring.h"
#include "kernel/request.h"

struct gather;
struct kernel;
struct link_at;
struct ring;

/* Pairs kept for cells that are over; beyond that, late output belongs to the cell that runs. */
#define CAPTURE_LATE_MAX 16

struct capture {
    struct gather *current; /* of the worker; NULL: there is no worker */
    struct ring *ring;      /* the worker's; NULL: it has none */
    struct gather *late[CAPTURE_LATE_MAX];
    size_t late_count;
    bool drained;     /* since the last read from the link */
    bool left_behind; /* the last cell left processes */
    bool replaced;    /* the worker was, since the last cell began */
    struct offspring offspring;
};

void capture_init(struct kernel *kernel);
void capture_fini(struct kernel *kernel);

/* A worker was started; takes over the read ends of its pipes and its ring, which may be NULL. */
bool capture_start(struct kernel *kernel, const int pipes[2], struct ring *ring,
                   struct error *error);

/* The worker is gone: what it printed is published. */
void capture_end(struct kernel *kernel);

/* Has the worker begun another request than this one, the last of which it was known? True when that
 * cannot be told. */
bool capture_begun_since(const struct kernel *kernel, uint32_t mark);
/* What it has begun last, as far as it can be told. */
uint32_t capture_begun(const struct kernel *kernel);

/* Another process has taken the place of the worker that led `group`; what the dead one left behind
 * are orphans. */
void capture_replaced(struct kernel *kernel, pid_t group);

/* Checkpoints that were made with older pipes get the present ones: a pair has ended only when nobody
 * has it. */
void capture_gather(struct kernel *kernel);

/* A cell starts: what the worker prints from now on belongs to it. */
void capture_begin_cell(struct kernel *kernel, struct request *request, bool silent);

/* A cell is over. `offspring`: its worker still has processes that it started. `forked`: it may have
 * started some, so that there may be orphans. */
void capture_end_cell(struct kernel *kernel, bool offspring, bool forked);

/* Messages have been read from the link, and are about to be told. */
void capture_arrived(struct kernel *kernel);

/* Before each of them: what was printed before it is published. What was printed after it is kept,
 * for the next message or cell, if it says where its place is. */
void capture_take(struct kernel *kernel, const struct link_at *at);

/* What the worker printed so far is read and published; capture_flush also publishes the start of a
 * code point whose rest did not come. */
void capture_drain(struct kernel *kernel);
void capture_flush(struct kernel *kernel);

/* The last output of a request before its reply: all that is there, and how much was left out. */
void capture_end_output(struct kernel *kernel);

/* The request that the worker's messages belong to, and whether nobody is to see them. */
struct request *capture_parent(const struct kernel *kernel);
bool capture_is_muted(const struct kernel *kernel);

/* Backpressure on all pairs. Lets go of those that have ended. */
void capture_pause(struct kernel *kernel, bool pause);

#endif
