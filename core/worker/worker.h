/* What the parts of the worker share. */
#ifndef HILUM_WORKER_WORKER_H
#define HILUM_WORKER_WORKER_H

#include "evaluator/offspring.h"
#include "worker/channel.h"
#include "worker/checkpoint.h"
#include "worker/host.h"

#include <hilum/evaluator.h>

struct worker {
    pid_t pid; /* of this process: a copy of it has another one */
    struct hilum_evaluator evaluator;
    struct hilum_session *session; /* NULL until load succeeded */
    struct channel channel;
    struct host host;
    struct offspring offspring;
    struct checkpoints checkpoints;
    const struct link_message *request; /* that is being served; a copy */
};

#endif
