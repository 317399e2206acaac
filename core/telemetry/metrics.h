/*
 * What a kernel counts, in one struct that it owns, and the table that says what each number is called
 * when it is exported (telemetry/exposition). Counting is an addition, whether anybody exports or not.
 */
#ifndef HILUM_TELEMETRY_METRICS_H
#define HILUM_TELEMETRY_METRICS_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

/* Message types that clients send; the last stands for all others. */
#define METRICS_REQUESTS 15

enum metrics_status {
    METRICS_OK,
    METRICS_ERROR,
    METRICS_ABORTED,
    METRICS_IGNORED,
    METRICS_STATUSES
};

/* What is published as output. */
#define METRICS_OUTPUTS 6

/* Why clients miss output. */
enum metrics_drop { METRICS_SLOW_CLIENT, METRICS_NO_MEMORY, METRICS_DROPS };

/* How an interrupt by the user ended. */
enum metrics_interrupt {
    METRICS_STOPPED,     /* the cell stopped */
    METRICS_KILLED,      /* its worker was killed, or died */
    METRICS_TOO_LATE,    /* it came to its end anyway */
    METRICS_NOT_STARTED, /* it had not started */
    METRICS_IDLE,        /* nothing ran */
    METRICS_INTERRUPTS,
};

/* Why a worker ended, or a session went back. */
enum metrics_cause {
    METRICS_BY_SIGNAL,    /* a crash: killed by a signal that was not ours */
    METRICS_BY_EXIT,      /* it ended itself */
    METRICS_BY_PROGRAM,   /* the evaluator's program ended */
    METRICS_BY_LIMIT,     /* killed for a limit */
    METRICS_BY_INTERRUPT, /* killed as it did not react to an interrupt */
    METRICS_BY_KERNEL,    /* killed for another reason */
    METRICS_BY_UNDO,      /* sent back by %undo: no death, and nothing lost */
    METRICS_CAUSES,
};

/* As many as there are in guard/limits.h (of those that interrupt) and protocol/wire.h, in their
 * order. */
#define METRICS_LIMITS 5
#define METRICS_FAULTS 8

enum metrics_breach { METRICS_SOFT, METRICS_HARD, METRICS_BREACHES };

#define METRICS_BUCKETS 20

struct histogram {
    uint64_t buckets[METRICS_BUCKETS + 1]; /* not cumulative; the last one is +Inf */
    uint64_t count;
    uint64_t sum_us;
};

struct metrics {
    uint64_t requests[METRICS_REQUESTS][METRICS_STATUSES];
    struct histogram wait, compile, run, whole; /* of cells that the worker got */
    uint64_t output_messages[METRICS_OUTPUTS];
    uint64_t output_bytes[METRICS_OUTPUTS];
    uint64_t left_out_bytes;
    uint64_t dropped[METRICS_DROPS];
    uint64_t interrupts[METRICS_INTERRUPTS];
    uint64_t deaths[METRICS_CAUSES];
    uint64_t rollbacks[METRICS_CAUSES]; /* a checkpoint took over */
    uint64_t losses[METRICS_CAUSES];    /* a fresh session did */
    uint64_t checkpoints;
    struct histogram checkpoint; /* what they cost the session */
    uint64_t breaches[METRICS_LIMITS][METRICS_BREACHES];
    uint64_t bad_messages[METRICS_FAULTS];

    /* As it is now; filled in before it is exported. */
    const char *build;              /* labels: version="0.1.0",... */
    uint64_t started_us, uptime_us; /* since 1970; since the start */
    uint64_t last_request_us;       /* since 1970 */
    uint64_t running, waiting, backlog;
    uint64_t session_memory, session_processes, session_open_files, session_cpu_us;
    uint64_t sleeping;
    uint64_t kernel_memory, kernel_cpu_us, kernel_open_files;
};

void metrics_observe(struct histogram *histogram, int64_t microseconds);

/* A request of this type has been answered. */
void metrics_count_request(struct metrics *metrics, struct str type, enum metrics_status status);

/* A message with this many bytes of content and buffers was published; false: its type is not
 * output. */
bool metrics_count_output(struct metrics *metrics, struct str type, size_t bytes);

/* ---- What is exported ---- */

enum metrics_kind { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM, METRICS_INFO };

enum metrics_unit {
    METRICS_PLAIN,
    METRICS_TIME, /* kept in microseconds, exported in seconds */
};

struct metrics_label {
    const char *name;          /* NULL: no such label */
    const char *const *values; /* one for each element of the array */
    size_t count;
};

struct metrics_family {
    const char *name; /* without _total */
    enum metrics_kind kind;
    enum metrics_unit unit;
    size_t offset; /* of the first number, or of the histogram, in struct metrics */
    struct metrics_label labels[2];
    size_t zeros; /* with two labels: samples that are 0 are exported of so many of the first */
    const char *help;
};

/* Ends with a row whose name is NULL. */
extern const struct metrics_family metrics_families[];

/* Upper bounds of the histograms' buckets, in microseconds. */
extern const int64_t metrics_bounds[METRICS_BUCKETS];

#endif
