/* Starts a worker process with the descriptors and the surroundings that it expects. */
#ifndef HILUM_EVALUATOR_SPAWN_H
#define HILUM_EVALUATOR_SPAWN_H

#include "base/error.h"

#include <sys/types.h>

/* Our ends; they do not block and are close-on-exec. The caller owns them. */
struct spawned {
    pid_t pid; /* leads its own session and process group */
    int link;
    int out;
    int err;
};

/* Runs `executable plugin`. On failure *spawned is untouched. */
bool spawn_worker(const char *executable, const char *plugin, struct spawned *spawned,
                  struct error *error) __attribute__((warn_unused_result));

#endif
