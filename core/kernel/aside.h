/*
 * Requests about code that come while a cell runs: the checkpoint of the state before that cell
 * answers them, where there is one; else they wait their turn like all others.
 */
#ifndef HILUM_KERNEL_ASIDE_H
#define HILUM_KERNEL_ASIDE_H

#include "evaluator/link.h"
#include "kernel/queue.h"

struct kernel;

struct aside {
    struct request *asked; /* NULL: none */
    struct queue waiting;  /* until the one asked is answered, or there is somebody to ask */
};

void aside_init(struct kernel *kernel);
void aside_fini(struct kernel *kernel);

/* True: the request will be answered aside, or be queued if that fails; takes over the caller's
 * reference. */
bool aside_accept(struct kernel *kernel, struct request *request);

/* There are other checkpoints than before, or the cell is over. */
void aside_go_on(struct kernel *kernel);

/* See session_events. */
void aside_take_answer(struct kernel *kernel, const struct link_message *message);

#endif
