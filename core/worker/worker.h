/* What the parts of the worker share. */
#ifndef HILUM_WORKER_WORKER_H
#define HILUM_WORKER_WORKER_H

#include "worker/channel.h"
#include "worker/host.h"

#include <hilum/evaluator.h>

struct worker {
    struct hilum_evaluator evaluator;
    struct hilum_session *session; /* NULL until load succeeded */
    struct channel channel;
    struct host host;
    const struct link_message *request; /* that is being served; a copy */
};

#endif
