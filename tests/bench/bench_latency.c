/*
 * Latency of one request at a time. All kernels are up; they take turns in blocks, in a
 * new order each round, so that what the machine does meanwhile hits all of them alike.
 */
#include "bench.h"

#include "clock.h"
#include "exchange.h"

struct latency {
    struct samples times;      /* all requests, us */
    struct samples block_p99s; /* one for each block */
};

static void run_block(struct session *session, enum exchange_type type, struct latency *latency)
{
    const struct scale *scale = session->bench->scale;
    struct samples block = {0};
    for (int i = -scale->block_warm_up; i < scale->block_requests; i++) {
        int64_t nanoseconds;
        if (session->has_failed || !session->is_open ||
            !exchange(session, type, false, &nanoseconds))
            break;
        if (i < 0)
            continue;
        samples_add(&block, (double)nanoseconds / 1000);
        samples_add(&latency->times, (double)nanoseconds / 1000);
    }
    if (block.count)
        samples_add(&latency->block_p99s, samples_percentile(&block, 0.99));
    samples_fini(&block);
}

/*
 * The p99 is the median of the blocks' p99s: over all requests together it would be that of the
 * few blocks in which the machine was busy with something else.
 */
static void set_results(struct bench *bench, int kernel, struct latency *latency, enum metric p50,
                        enum metric p99)
{
    const struct kernel_spec *spec = &bench->kernels->specs[kernel];
    if (latency->times.count) {
        report_set(bench->report, p50, spec, samples_median(&latency->times), &latency->times);
        report_set(bench->report, p99, spec, samples_median(&latency->block_p99s),
                   &latency->block_p99s);
    }
    samples_fini(&latency->times);
    samples_fini(&latency->block_p99s);
}

static void measure(struct bench *bench, struct session *sessions, enum exchange_type type,
                    enum metric p50, enum metric p99)
{
    struct latency latencies[KERNELS_MAX] = {0};
    int order[KERNELS_MAX];
    for (int block = 0; block < bench->scale->blocks; block++) {
        bench_shuffle(order, bench->kernels->count);
        for (int i = 0; i < bench->kernels->count; i++)
            run_block(&sessions[order[i]], type, &latencies[order[i]]);
    }
    for (int i = 0; i < bench->kernels->count; i++)
        set_results(bench, i, &latencies[i], p50, p99);
}

void bench_latency(struct bench *bench)
{
    struct session sessions[KERNELS_MAX];
    sessions_open(sessions, bench);
    measure(bench, sessions, EXCHANGE_EXECUTE, METRIC_EXECUTE_P50, METRIC_EXECUTE_P99);
    measure(bench, sessions, EXCHANGE_KERNEL_INFO, METRIC_KERNEL_INFO_P50, METRIC_KERNEL_INFO_P99);
    sessions_close(sessions, bench);
}
