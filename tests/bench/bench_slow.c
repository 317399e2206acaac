/*
 * A subscriber that reads one megabyte per second: does everything arrive, how much memory does the
 * kernel take for it, and does control still answer? The lines are read slowly to the end. The
 * big print is read slowly for a while and then at full speed: by then a kernel has either held it
 * all in memory, dropped some of it, or slowed the cell down.
 */
#include "bench.h"

#include "cell.h"
#include "clock.h"
#include "control_probe.h"
#include "exchange.h"
#include "procfs.h"

#define BYTES_PER_SECOND 1000000
#define PROBE_PERIOD     (50 * CLOCK_MS)

/* So long without anything to read, after the reply: the rest was dropped. */
#define SILENCE (3 * CLOCK_S)

struct reader {
    int64_t start;
    int64_t fast_after; /* ns since the start; then the rate is not limited any more */
    uint64_t bytes;
};

static bool may_read(const struct reader *reader)
{
    int64_t elapsed = clock_now() - reader->start;
    return elapsed > reader->fast_after ||
           (double)reader->bytes < (double)elapsed / CLOCK_S * BYTES_PER_SECOND;
}

static void read_slowly(struct cell *cell, struct control_probe *probe, int64_t fast_after)
{
    struct session *session = cell->session;
    struct reader reader = {clock_now(), fast_after, 0};
    int64_t last_progress = reader.start;
    while (!cell_is_done(cell) && !session->has_failed) {
        control_probe_turn(probe);
        cell_take(cell, CHANNEL_SHELL);
        bool is_allowed = may_read(&reader);
        size_t size = is_allowed ? cell_take(cell, CHANNEL_IOPUB) : 0;
        reader.bytes += size;
        if (size || !is_allowed)
            last_progress = clock_now();
        else if (clock_now() - last_progress > (cell->has_reply ? SILENCE : SESSION_PATIENCE))
            return;
        if (!size)
            client_wait(&session->client,
                        CHANNEL_BIT(CHANNEL_CONTROL) |
                            (is_allowed ? CHANNEL_BIT(CHANNEL_IOPUB) : 0),
                        CLOCK_MS);
    }
}

struct outcome {
    double lost; /* percent */
    double peak; /* MB */
    double slowest_control;
};

static bool run(struct bench *bench, const struct kernel_spec *spec, enum output_kind kind,
                struct outcome *outcome)
{
    struct session session;
    struct cell cell;
    struct control_probe probe;
    bool is_lines = kind == OUTPUT_LINES;
    if (!session_open(&session, bench, spec, true))
        return false;
    bool is_good = exchange_warm_up(&session);
    control_probe_init(&probe, &session, PROBE_PERIOD);
    if (is_good && cell_start(&cell, &session, kind,
                              is_lines ? bench->scale->slow_lines : bench->scale->big)) {
        read_slowly(&cell, &probe, is_lines ? INT64_MAX : bench->scale->slow_time);
        is_good = cell_check(&cell) & control_probe_finish(&probe);
        *outcome = (struct outcome){100 * expected_lost_share(&cell.expected),
                                    (double)process_peak_rss(session.kernel.pid) / 1024,
                                    samples_percentile(&probe.times, 1)};
        cell_fini(&cell);
    }
    control_probe_fini(&probe);
    session_close(&session);
    return true;
}

static void measure(struct bench *bench, const struct kernel_spec *spec)
{
    struct outcome lines = {0}, big = {0};
    if (run(bench, spec, OUTPUT_LINES, &lines)) {
        report_set(bench->report, METRIC_SLOW_LINES_LOST, spec, lines.lost, NULL);
        report_set(bench->report, METRIC_SLOW_LINES_PEAK, spec, lines.peak, NULL);
    }
    if (run(bench, spec, OUTPUT_BIG, &big)) {
        report_set(bench->report, METRIC_SLOW_BIG_LOST, spec, big.lost, NULL);
        report_set(bench->report, METRIC_SLOW_BIG_PEAK, spec, big.peak, NULL);
        report_set(bench->report, METRIC_SLOW_CONTROL_MAX, spec,
                   lines.slowest_control > big.slowest_control ? lines.slowest_control
                                                               : big.slowest_control,
                   NULL);
    }
}

void bench_slow(struct bench *bench)
{
    for (int i = 0; i < bench->kernels->count; i++)
        if (bench->kernels->specs[i].language.lines && bench->kernels->specs[i].language.big)
            measure(bench, &bench->kernels->specs[i]);
}
