/* What the worker itself does about the operator's limits (docs/worker-protocol.md). */
#ifndef HILUM_WORKER_LIMITS_H
#define HILUM_WORKER_LIMITS_H

#include "base/buffer.h"

#include <hilum/evaluator.h>

struct worker_limits {
    struct hilum_limits session;            /* from load_request */
    struct hilum_limits now;                /* of the request that is being served */
    struct buffer session_setting, setting; /* what memory_setting points into */
};

void worker_limits_fini(struct worker_limits *limits);

/* Takes the limits out of the content of a load_request, and has the operating system enforce what it
 * can: open files, core dumps, a memory that is far beyond the hard limit. */
void worker_limits_load(struct worker_limits *limits, struct str content);

/* A request starts: it may have lower limits of its own, an object. */
void worker_limits_begin(struct worker_limits *limits, struct str object);

#endif
