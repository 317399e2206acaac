/* What a process and its descendants use of the processors, and how full the host's memory is. */
#ifndef HILUM_TELEMETRY_USAGE_H
#define HILUM_TELEMETRY_USAGE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct usage {
    double cpu_seconds; /* user and system, of the processes alive now */
    unsigned processes;
};

/* What the session's processes use: the descendants of the kernel, sleeping checkpoints (by their name)
 * left out where it says so. */
struct session_usage {
    int64_t cpu_us; /* user and system; also of checkpoints, and of all that is dead and reaped */
    int64_t
        peak_memory; /* sum of the peaks of resident memory of those that are alive; no checkpoints */
};

void usage_of_session(pid_t kernel, const char *asleep, struct session_usage *usage);

/* Peaks begin anew at what is resident now. */
void usage_reset_peaks(pid_t kernel, const char *asleep);

/* The descriptors that this process has open. */
uint64_t usage_open_files(void);

/* Busy and total time of all processors since they started, in clock ticks. False: not known. */
bool usage_of_host(uint64_t *busy, uint64_t *total) __attribute__((warn_unused_result));

/* Adds up `root` and its descendants. Processes that end meanwhile are left out. */
void usage_of_tree(pid_t root, struct usage *usage);

/* Appends the host's memory as a JSON object with psutil's names (total, available, percent, used,
 * free, active, inactive, buffers, cached, shared, slab), in bytes. */
void usage_write_host_memory(struct buffer *out);

#endif
