/* What a process and its descendants use of the processors, and how full the host's memory is. */
#ifndef HILUM_TELEMETRY_USAGE_H
#define HILUM_TELEMETRY_USAGE_H

#include "base/buffer.h"

#include <stdint.h>
#include <sys/types.h>

struct usage {
    double cpu_seconds; /* user and system, of the processes alive now */
    unsigned processes;
};

/* Adds up `root` and its descendants. Processes that end meanwhile are left out. */
void usage_of_tree(pid_t root, struct usage *usage);

/* Appends the host's memory as a JSON object with psutil's names (total, available, percent, used,
 * free, active, inactive, buffers, cached, shared, slab), in bytes. */
void usage_write_host_memory(struct buffer *out);

#endif
