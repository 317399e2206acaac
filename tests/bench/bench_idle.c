/* What a kernel costs that nobody uses: memory and CPU of all its processes. One at a time. */
#include "bench.h"

#include "clock.h"
#include "exchange.h"
#include "procfs.h"

#define WINDOW (2 * CLOCK_S)

static int64_t cpu_time(const struct process_tree *tree)
{
    int64_t sum = 0;
    for (size_t i = 0; i < tree->count; i++)
        sum += process_cpu_time(tree->processes[i].pid);
    return sum;
}

static void measure(struct bench *bench, const struct kernel_spec *spec, pid_t pid)
{
    struct process_tree tree;
    clock_sleep(bench->scale->settle);
    process_tree_read(&tree, pid);
    int64_t ticks = process_tree_sum(&tree, process_cpu_ticks);
    int64_t time = cpu_time(&tree);
    clock_sleep(WINDOW);
    ticks = process_tree_sum(&tree, process_cpu_ticks) - ticks;
    time = cpu_time(&tree) - time;
    report_set(bench->report, METRIC_IDLE_PSS, spec,
               (double)process_tree_sum(&tree, process_pss) / 1024, NULL);
    report_set(bench->report, METRIC_IDLE_PROCESSES, spec, (double)tree.count, NULL);
    report_set(bench->report, METRIC_IDLE_TICKS, spec, (double)ticks, NULL);
    report_set(bench->report, METRIC_IDLE_CPU, spec,
               (double)time / 1000 / ((double)WINDOW / CLOCK_S), NULL);
}

void bench_idle(struct bench *bench)
{
    for (int i = 0; i < bench->kernels->count; i++) {
        const struct kernel_spec *spec = &bench->kernels->specs[i];
        struct session session;
        if (!session_open(&session, bench, spec, false))
            continue;
        if (exchange_warm_up(&session))
            measure(bench, spec, session.kernel.pid);
        session_close(&session);
    }
}
