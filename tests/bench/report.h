/* The results of a run: every metric in one table, printed for people and written as JSON. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "kernels.h"
#include "stats.h"

enum metric {
    METRIC_STARTUP,
    METRIC_EXECUTE_P50,
    METRIC_EXECUTE_P99,
    METRIC_KERNEL_INFO_P50,
    METRIC_KERNEL_INFO_P99,
    METRIC_PIPELINE_100,
    METRIC_PIPELINE_1000,
    METRIC_PIPELINE_10000,
    METRIC_PIPELINE_PEAK,
    METRIC_LINES,
    METRIC_LINES_PEAK,
    METRIC_LINES_TREE_PEAK,
    METRIC_BIG,
    METRIC_BIG_PEAK,
    METRIC_BIG_TREE_PEAK,
    METRIC_CONTROL_P50,
    METRIC_CONTROL_P99,
    METRIC_SLOW_LINES_LOST,
    METRIC_SLOW_LINES_PEAK,
    METRIC_SLOW_BIG_LOST,
    METRIC_SLOW_BIG_PEAK,
    METRIC_SLOW_CONTROL_MAX,
    METRIC_IDLE_PSS,
    METRIC_IDLE_PROCESSES,
    METRIC_IDLE_TICKS,
    METRIC_IDLE_CPU,
    METRIC_SCALE_PSS,
    METRIC_SCALE_CPU,
    METRIC_SCALE_RATE,
    METRIC_SCALE_P50,
    METRIC_SCALE_P99,
    METRIC_COUNT,
};

struct report;

/* `kernels` outlives the report; the first kernel called "floor" is what ratios refer to. */
struct report *report_new(const struct kernel_list *kernels);
void report_free(struct report *report);

/* Sets a figure. `samples`, when given, is what it was made from; its percentiles go to the JSON. */
void report_set(struct report *report, enum metric metric, const struct kernel_spec *kernel,
                double value, struct samples *samples);

/* Notes that a kernel malfunctioned, at once on stderr and in the report. */
void report_fault(struct report *report, const struct kernel_spec *kernel, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Malfunctions of kernels that are not peers. */
int report_failures(const struct report *report);

void report_print(const struct report *report);

/* False, with a line on stderr, when the file cannot be written. */
bool report_write_json(const struct report *report, const char *file, bool is_quick)
    __attribute__((warn_unused_result));

#endif
