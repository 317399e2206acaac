#include "bench.h"

#include "clock.h"

#include <stdlib.h>

const struct scale scale_full = {
    .startups = 15,
    .warm_up = 200,
    .blocks = 30,
    .block_requests = 100,
    .block_warm_up = 10,
    .pipeline_rounds = 15,
    .pipeline_largest = 10000,
    .stream_rounds = 15,
    .lines = 1000000,
    .big = 6250000, /* 100 MB */
    .flood_lines = 200000,
    .flood_time = 3 * CLOCK_S,
    .slow_lines = 1000000,
    .slow_time = 5 * CLOCK_S,
    .idle_kernels = 200,
    .busy_kernels = 50,
    .busy_time = 5 * CLOCK_S,
    .settle = 1500 * CLOCK_MS,
};

const struct scale scale_quick = {
    .startups = 3,
    .warm_up = 20,
    .blocks = 3,
    .block_requests = 50,
    .block_warm_up = 5,
    .pipeline_rounds = 1,
    .pipeline_largest = 1000,
    .stream_rounds = 1,
    .lines = 100000,
    .big = 625000, /* 10 MB */
    .flood_lines = 50000,
    .flood_time = CLOCK_S / 2,
    .slow_lines = 150000,
    .slow_time = CLOCK_S,
    .idle_kernels = 10,
    .busy_kernels = 5,
    .busy_time = CLOCK_S / 2,
    .settle = CLOCK_S / 4,
};

const struct bench_group bench_groups[BENCH_GROUPS] = {
    {"startup", bench_startup, "fork and exec until the first kernel_info_reply"},
    {"latency", bench_latency, "one execute or kernel_info at a time"},
    {"pipeline", bench_pipeline, "100, 1000 and 10000 executes queued at once"},
    {"stream", bench_stream, "1,000,000 printed lines; one print of 100 MB"},
    {"control", bench_control, "control requests during a flood of output"},
    {"slow", bench_slow, "a subscriber that reads 1 MB/s"},
    {"idle", bench_idle, "memory and CPU of a kernel that nobody uses"},
    {"scale", bench_scale, "200 kernels that nobody uses; 50 that are busy"},
};

/* The same sequence in every run. */
void bench_shuffle(int order[KERNELS_MAX], int count)
{
    static unsigned seed = 1;
    for (int i = 0; i < count; i++) {
        int other = (int)((unsigned)rand_r(&seed) % (unsigned)(i + 1));
        order[i] = order[other];
        order[other] = i;
    }
}
