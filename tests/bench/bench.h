/* What every group of metrics is given, and the groups. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "kernels.h"
#include "report.h"

#include <stdint.h>

/* How much is measured. */
struct scale {
    int startups;
    int warm_up; /* requests before anything is timed */
    int blocks;  /* rounds of the latency metrics, in each of which every kernel has one block */
    int block_requests;
    int block_warm_up; /* requests before each block that are not timed */
    int pipeline_rounds;
    int pipeline_largest; /* requests */
    int stream_rounds;
    uint64_t lines;
    uint64_t big;         /* repetitions of BIG_PATTERN */
    uint64_t flood_lines; /* per cell */
    int64_t flood_time;   /* ns; cells are repeated until then */
    uint64_t slow_lines;
    int64_t slow_time; /* ns of slow reading before the reader catches up, for the big print */
    int idle_kernels;  /* at once */
    int busy_kernels;
    int64_t busy_time;
    int64_t settle; /* ns between the last request and the idle measurement */
};

extern const struct scale scale_full;
extern const struct scale scale_quick;

struct bench {
    const struct scale *scale;
    const struct kernel_list *kernels;
    struct report *report;
    void *zmq;
};

void bench_startup(struct bench *bench);
void bench_latency(struct bench *bench);
void bench_pipeline(struct bench *bench);
void bench_stream(struct bench *bench);
void bench_control(struct bench *bench);
void bench_slow(struct bench *bench);
void bench_idle(struct bench *bench);
void bench_scale(struct bench *bench);

struct bench_group {
    const char *name;
    void (*run)(struct bench *bench);
    const char *help;
};

#define BENCH_GROUPS 8

extern const struct bench_group bench_groups[BENCH_GROUPS];

/*
 * Fills order[0..count) with the indices of the kernels in the order of the next round, a new one
 * each time: a kernel that always came after the same one would be measured on the caches and the
 * core that that one left, which shifts medians by up to a tenth.
 */
void bench_shuffle(int order[KERNELS_MAX], int count);

/* A kernel whose rounds of one metric took longer, together, has no further ones. */
#define BENCH_ROUNDS_TIME (5 * CLOCK_S)

#endif
