/* What the parts of the worker share. */
#ifndef HILUM_WORKER_WORKER_H
#define HILUM_WORKER_WORKER_H

#include "evaluator/offspring.h"
#include "worker/channel.h"
#include "worker/checkpoint.h"
#include "worker/host.h"

#include <hilum/evaluator.h>

/* Cells that the kernel sent ahead of their turn. */
struct flight {
    bool halted;  /* they are dropped, until a request comes that was not sent ahead */
    int64_t next; /* the one that begins where the last one ended: there is no time between */
};

struct worker {
    pid_t pid; /* of this process: a copy of it has another one */
    struct hilum_evaluator evaluator;
    struct hilum_session *session; /* NULL until load succeeded */
    struct channel channel;
    struct host host;
    struct offspring offspring;
    struct checkpoints checkpoints;
    struct flight flight;
    const struct link_message *request; /* that is being served; a copy */
};

#endif
