/* Latency of control requests while cells print as fast as they can. */
#include "bench.h"

#include "cell.h"
#include "clock.h"
#include "control_probe.h"
#include "exchange.h"

#define PROBE_PERIOD (5 * CLOCK_MS)

/* One printing cell. Control is looked at after every message of the flood. */
static bool run_cell(struct session *session, struct control_probe *probe)
{
    struct cell cell;
    bool is_sent = cell_start(&cell, session, OUTPUT_LINES, session->bench->scale->flood_lines);
    int64_t last_progress = clock_now();
    while (is_sent && !cell_is_done(&cell) && !session->has_failed) {
        control_probe_turn(probe);
        if (cell_take(&cell, CHANNEL_IOPUB) || cell_take(&cell, CHANNEL_SHELL))
            last_progress = clock_now();
        else if (clock_now() - last_progress > SESSION_PATIENCE)
            break;
        else
            client_wait(&session->client, CHANNEL_ALL, probe->next - clock_now());
    }
    bool is_good = is_sent && cell_check(&cell);
    cell_fini(&cell);
    return is_good;
}

static void run(struct bench *bench, const struct kernel_spec *spec)
{
    struct session session;
    struct control_probe probe;
    if (!session_open(&session, bench, spec, false))
        return;
    if (exchange_warm_up(&session)) {
        control_probe_init(&probe, &session, PROBE_PERIOD);
        int64_t end = clock_now() + bench->scale->flood_time;
        bool is_good = true;
        while (is_good && clock_now() < end)
            is_good = run_cell(&session, &probe);
        if (is_good && control_probe_finish(&probe)) {
            report_set(bench->report, METRIC_CONTROL_P50, spec, samples_median(&probe.times),
                       &probe.times);
            report_set(bench->report, METRIC_CONTROL_P99, spec,
                       samples_percentile(&probe.times, 0.99), NULL);
        }
        control_probe_fini(&probe);
    }
    session_close(&session);
}

void bench_control(struct bench *bench)
{
    for (int i = 0; i < bench->kernels->count; i++)
        if (bench->kernels->specs[i].language.lines)
            run(bench, &bench->kernels->specs[i]);
}
