#include "report.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum better {
    BETTER_LOWER,
    BETTER_HIGHER,
    BETTER_NONE, /* no ratio to the floor: it says nothing here */
};

static const struct {
    const char *key;  /* in the JSON */
    const char *name; /* in the table, where a row may say more about the one above it */
    const char *unit;
    enum better better;
} metrics[METRIC_COUNT] = {
    [METRIC_STARTUP] = {"startup_ms", "start-up to kernel_info_reply, median", "ms", BETTER_LOWER},
    [METRIC_EXECUTE_P50] = {"execute_p50_us", "execute 1+1, p50", "us", BETTER_LOWER},
    [METRIC_EXECUTE_P99] = {"execute_p99_us", "execute 1+1, p99", "us", BETTER_LOWER},
    [METRIC_KERNEL_INFO_P50] = {"kernel_info_p50_us", "kernel_info, p50", "us", BETTER_LOWER},
    [METRIC_KERNEL_INFO_P99] = {"kernel_info_p99_us", "kernel_info, p99", "us", BETTER_LOWER},
    [METRIC_PIPELINE_100] = {"pipeline_100_per_s", "pipelined executes, 100 queued", "1/s",
                             BETTER_HIGHER},
    [METRIC_PIPELINE_1000] = {"pipeline_1000_per_s", "pipelined executes, 1000 queued", "1/s",
                              BETTER_HIGHER},
    [METRIC_PIPELINE_10000] = {"pipeline_10000_per_s", "pipelined executes, 10000 queued", "1/s",
                               BETTER_HIGHER},
    [METRIC_PIPELINE_PEAK] = {"pipeline_peak_mb", "  peak RSS of the kernel", "MB", BETTER_NONE},
    [METRIC_LINES] = {"lines_mb_per_s", "printed lines", "MB/s", BETTER_HIGHER},
    [METRIC_LINES_PEAK] = {"lines_peak_mb", "  peak RSS of the kernel", "MB", BETTER_NONE},
    [METRIC_LINES_TREE_PEAK] = {"lines_tree_peak_mb", "  peak RSS, all its processes", "MB",
                                BETTER_NONE},
    [METRIC_BIG] = {"big_mb_per_s", "one big print", "MB/s", BETTER_HIGHER},
    [METRIC_BIG_PEAK] = {"big_peak_mb", "  peak RSS of the kernel", "MB", BETTER_NONE},
    [METRIC_BIG_TREE_PEAK] = {"big_tree_peak_mb", "  peak RSS, all its processes", "MB",
                              BETTER_NONE},
    [METRIC_CONTROL_P50] = {"control_flood_p50_ms", "control during a flood, p50", "ms",
                            BETTER_NONE},
    [METRIC_CONTROL_P99] = {"control_flood_p99_ms", "control during a flood, p99", "ms",
                            BETTER_NONE},
    [METRIC_SLOW_LINES_LOST] = {"slow_lines_lost_percent", "slow reader, lines: lost", "%",
                                BETTER_NONE},
    [METRIC_SLOW_LINES_PEAK] = {"slow_lines_peak_mb", "  peak RSS of the kernel", "MB",
                                BETTER_NONE},
    [METRIC_SLOW_BIG_LOST] = {"slow_big_lost_percent", "slow reader, big print: lost", "%",
                              BETTER_NONE},
    [METRIC_SLOW_BIG_PEAK] = {"slow_big_peak_mb", "  peak RSS of the kernel", "MB", BETTER_NONE},
    [METRIC_SLOW_CONTROL_MAX] = {"slow_control_max_ms", "slow reader: slowest control reply", "ms",
                                 BETTER_NONE},
    [METRIC_IDLE_PSS] = {"idle_pss_mb", "idle: PSS of all its processes", "MB", BETTER_NONE},
    [METRIC_IDLE_PROCESSES] = {"idle_processes", "idle: processes", "", BETTER_NONE},
    [METRIC_IDLE_TICKS] = {"idle_ticks_per_2s", "idle: CPU", "ticks/2s", BETTER_NONE},
    [METRIC_IDLE_CPU] = {"idle_cpu_us_per_s", "idle: CPU", "us/s", BETTER_NONE},
    [METRIC_SCALE_PSS] = {"scale_idle_pss_mb", "many idle: PSS of each, median", "MB", BETTER_NONE},
    [METRIC_SCALE_CPU] = {"scale_idle_cpu_us_per_s", "many idle: CPU of all", "us/s", BETTER_NONE},
    [METRIC_SCALE_RATE] = {"scale_busy_per_s", "many busy: executes of all", "1/s", BETTER_HIGHER},
    [METRIC_SCALE_P50] = {"scale_busy_p50_us", "many busy: execute, p50", "us", BETTER_LOWER},
    [METRIC_SCALE_P99] = {"scale_busy_p99_us", "many busy: execute, p99", "us", BETTER_LOWER},
};

struct figure {
    bool is_set;
    double value;
    json_t *spread; /* owned; NULL: there are no samples */
};

struct report {
    const struct kernel_list *kernels;
    int floor; /* index, or -1 */
    struct figure figures[METRIC_COUNT][KERNELS_MAX];
    json_t *faults;
    int failures;
};

struct report *report_new(const struct kernel_list *kernels)
{
    struct report *report = calloc(1, sizeof *report);
    if (!report)
        abort();
    report->kernels = kernels;
    report->faults = json_array();
    report->floor = -1;
    for (int i = kernels->count; i-- > 0;)
        if (strcmp(kernels->specs[i].name, "floor") == 0)
            report->floor = i;
    return report;
}

void report_free(struct report *report)
{
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        for (int kernel = 0; kernel < KERNELS_MAX; kernel++)
            json_decref(report->figures[metric][kernel].spread);
    json_decref(report->faults);
    free(report);
}

static json_t *make_spread(struct samples *samples)
{
    return json_pack("{s:i, s:f, s:f, s:f, s:f, s:f}", "count", (int)samples->count, "min",
                     samples_percentile(samples, 0), "p50", samples_percentile(samples, 0.5), "p90",
                     samples_percentile(samples, 0.9), "p99", samples_percentile(samples, 0.99),
                     "max", samples_percentile(samples, 1));
}

void report_set(struct report *report, enum metric metric, const struct kernel_spec *kernel,
                double value, struct samples *samples)
{
    struct figure *figure = &report->figures[metric][kernel - report->kernels->specs];
    json_decref(figure->spread);
    *figure = (struct figure){true, value, samples ? make_spread(samples) : NULL};
}

void report_fault(struct report *report, const struct kernel_spec *kernel, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "bench: %s %s: %s\n", kernel->is_peer ? "note on" : "FAULT of", kernel->name,
            text);
    json_array_append_new(report->faults, json_pack("{s:s, s:b, s:s}", "kernel", kernel->name,
                                                    "is_peer", (int)kernel->is_peer, "text", text));
    report->failures += !kernel->is_peer;
}

int report_failures(const struct report *report)
{
    return report->failures;
}

/* A figure's ratio to the floor's; false when there is none. */
static bool ratio_of(const struct report *report, enum metric metric, int kernel, double *ratio)
{
    if (report->floor < 0 || kernel == report->floor || metrics[metric].better == BETTER_NONE)
        return false;
    const struct figure *floor = &report->figures[metric][report->floor];
    const struct figure *figure = &report->figures[metric][kernel];
    if (!floor->is_set || !figure->is_set || floor->value <= 0)
        return false;
    *ratio = figure->value / floor->value;
    return true;
}

static void print_cell(const struct report *report, enum metric metric, int kernel)
{
    const struct figure *figure = &report->figures[metric][kernel];
    char text[64] = "-";
    double ratio;
    if (figure->is_set) {
        int decimals = figure->value != 0 && figure->value < 100 ? 2 : 0;
        snprintf(text, sizeof text, "%.*f", decimals, figure->value);
        size_t length = strlen(text);
        if (ratio_of(report, metric, kernel, &ratio) && metrics[metric].better == BETTER_LOWER)
            snprintf(text + length, sizeof text - length, " %5.2fx", ratio);
        else if (ratio_of(report, metric, kernel, &ratio))
            snprintf(text + length, sizeof text - length, " %5.1f%%", 100 * ratio);
    }
    printf("  %16s", text);
}

static bool is_measured(const struct report *report, enum metric metric)
{
    for (int kernel = 0; kernel < report->kernels->count; kernel++)
        if (report->figures[metric][kernel].is_set)
            return true;
    return false;
}

void report_print(const struct report *report)
{
    printf("%-38s%9s", "", "");
    for (int kernel = 0; kernel < report->kernels->count; kernel++)
        printf("  %16s", report->kernels->specs[kernel].name);
    printf("\n");
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        if (!is_measured(report, metric))
            continue;
        printf("%-38s%9s", metrics[metric].name, metrics[metric].unit);
        for (int kernel = 0; kernel < report->kernels->count; kernel++)
            print_cell(report, metric, kernel);
        printf("\n");
    }
    printf("x: times the floor (less is better); %%: share of the floor's rate (more is better)\n"
           "floor-again is the floor once more: what it differs by is the error of this run\n");
    if (report->failures)
        printf("%d malfunction%s: see above\n", report->failures, report->failures > 1 ? "s" : "");
}

static json_t *machine_json(void)
{
    struct utsname name;
    int major, minor, patch;
    char version[32], date[32];
    time_t now = time(NULL);
    uname(&name);
    zmq_version(&major, &minor, &patch);
    snprintf(version, sizeof version, "%d.%d.%d", major, minor, patch);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    return json_pack("{s:s, s:s, s:s, s:i, s:s}", "date", date, "system", name.release, "machine",
                     name.machine, "cores", (int)sysconf(_SC_NPROCESSORS_ONLN), "libzmq", version);
}

static json_t *figure_json(const struct report *report, enum metric metric, int kernel)
{
    const struct figure *figure = &report->figures[metric][kernel];
    double ratio;
    json_t *object = json_pack("{s:s, s:s, s:f}", "metric", metrics[metric].key, "kernel",
                               report->kernels->specs[kernel].name, "value", figure->value);
    if (ratio_of(report, metric, kernel, &ratio))
        json_object_set_new(object, "ratio_to_floor", json_real(ratio));
    if (figure->spread)
        json_object_set(object, "spread", figure->spread);
    return object;
}

bool report_write_json(const struct report *report, const char *file, bool is_quick)
{
    json_t *results = json_array();
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        for (int kernel = 0; kernel < report->kernels->count; kernel++)
            if (report->figures[metric][kernel].is_set)
                json_array_append_new(results, figure_json(report, metric, kernel));
    json_t *all = json_pack("{s:o, s:b, s:o, s:O}", "machine", machine_json(), "quick",
                            (int)is_quick, "results", results, "faults", report->faults);
    bool is_written = json_dump_file(all, file, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0;
    json_decref(all);
    if (!is_written)
        fprintf(stderr, "bench: cannot write %s\n", file);
    return is_written;
}
