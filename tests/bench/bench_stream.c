/* Throughput of printed output: a million lines, and one big print. Every byte is compared. */
#include "bench.h"

#include "cell.h"
#include "clock.h"
#include "exchange.h"
#include "procfs.h"

static const struct {
    enum output_kind kind;
    enum metric rate, peak, tree_peak;
} streams[] = {
    {OUTPUT_LINES, METRIC_LINES, METRIC_LINES_PEAK, METRIC_LINES_TREE_PEAK},
    {OUTPUT_BIG, METRIC_BIG, METRIC_BIG_PEAK, METRIC_BIG_TREE_PEAK},
};

#define STREAMS ((int)(sizeof streams / sizeof *streams))

struct tally {
    struct samples rates;
    double peak, tree_peak; /* MB; the highest of all rounds */
    int64_t total;          /* ns */
    bool has_failed;
};

static bool await_cell(struct cell *cell)
{
    struct session *session = cell->session;
    int64_t last_progress = clock_now();
    while (!cell_is_done(cell) && !session->has_failed) {
        bool has_progress = false;
        while (cell_take(cell, CHANNEL_IOPUB) || cell_take(cell, CHANNEL_SHELL))
            has_progress = true;
        if (has_progress)
            last_progress = clock_now();
        else if (clock_now() - last_progress > SESSION_PATIENCE)
            break;
        else
            client_wait(&session->client, CHANNEL_BIT(CHANNEL_IOPUB) | CHANNEL_BIT(CHANNEL_SHELL),
                        CLOCK_S);
    }
    return cell_check(cell);
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void note_peak(struct session *session, struct tally *tally)
{
    struct process_tree tree;
    process_tree_read(&tree, session->kernel.pid);
    tally->peak = larger(tally->peak, (double)process_peak_rss(session->kernel.pid) / 1024);
    tally->tree_peak =
        larger(tally->tree_peak, (double)process_tree_sum(&tree, process_peak_rss) / 1024);
}

/* A fresh kernel, so that its peak memory is this cell's. */
static void run(struct bench *bench, const struct kernel_spec *spec, int stream,
                struct tally *tally)
{
    struct session session;
    struct cell cell = {0};
    enum output_kind kind = streams[stream].kind;
    uint64_t count = kind == OUTPUT_LINES ? bench->scale->lines : bench->scale->big;
    if (!session_open(&session, bench, spec, false)) {
        tally->has_failed = true;
        return;
    }
    if (exchange_warm_up(&session)) {
        int64_t start = clock_now();
        bool is_good = cell_start(&cell, &session, kind, count) && await_cell(&cell);
        int64_t elapsed = clock_now() - start;
        if (is_good)
            samples_add(&tally->rates,
                        (double)cell.expected.total / 1e6 / ((double)elapsed / CLOCK_S));
        tally->total += elapsed;
        tally->has_failed = !is_good;
        note_peak(&session, tally);
    }
    cell_fini(&cell);
    session_close(&session);
}

static void measure(struct bench *bench, int stream)
{
    struct tally tallies[KERNELS_MAX] = {0};
    int order[KERNELS_MAX];
    for (int round = 0; round < bench->scale->stream_rounds; round++) {
        bench_shuffle(order, bench->kernels->count);
        for (int place = 0; place < bench->kernels->count; place++) {
            int i = order[place];
            const struct kernel_spec *spec = &bench->kernels->specs[i];
            bool can_do = streams[stream].kind == OUTPUT_LINES ? spec->language.lines != NULL
                                                               : spec->language.big != NULL;
            if (can_do && !tallies[i].has_failed && tallies[i].total < BENCH_ROUNDS_TIME)
                run(bench, spec, stream, &tallies[i]);
        }
    }
    for (int i = 0; i < bench->kernels->count; i++) {
        const struct kernel_spec *spec = &bench->kernels->specs[i];
        if (tallies[i].rates.count) {
            report_set(bench->report, streams[stream].rate, spec, samples_median(&tallies[i].rates),
                       &tallies[i].rates);
            report_set(bench->report, streams[stream].peak, spec, tallies[i].peak, NULL);
            report_set(bench->report, streams[stream].tree_peak, spec, tallies[i].tree_peak, NULL);
        }
        samples_fini(&tallies[i].rates);
    }
}

void bench_stream(struct bench *bench)
{
    for (int stream = 0; stream < STREAMS; stream++)
        measure(bench, stream);
}
