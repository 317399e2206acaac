/* Many executes sent at once: how fast the queue is worked off, and in the right order. */
#include "bench.h"

#include "clock.h"
#include "exchange.h"
#include "procfs.h"

#include <stdlib.h>

static const struct {
    int requests;
    int repeat; /* times the scale's rounds: a short round tells little */
    enum metric metric;
} sizes[] = {
    {100, 10, METRIC_PIPELINE_100},
    {1000, 10, METRIC_PIPELINE_1000},
    {10000, 1, METRIC_PIPELINE_10000},
};

#define SIZES ((int)(sizeof sizes / sizeof *sizes))

struct pipeline {
    struct session *session;
    uint64_t first; /* id of the first request */
    int count;
    int iopub_seen; /* messages; the next one belongs to request iopub_seen / pattern's count */
    int replies_seen;
};

static bool take_iopub(struct pipeline *pipeline, uint64_t id)
{
    const struct exchange_pattern *pattern = &exchange_patterns[EXCHANGE_EXECUTE];
    enum message_kind kind = message_kind(&pipeline->session->message);
    if (kind == MESSAGE_STREAM && pipeline->session->spec->is_peer)
        return true; /* a notice, as in exchange.c */
    int step = pipeline->iopub_seen % pattern->count;
    uint64_t expected = pipeline->first + (uint64_t)(pipeline->iopub_seen / pattern->count);
    pipeline->iopub_seen++;
    if (id != expected || kind != pattern->iopub[step])
        return session_fail(pipeline->session,
                            "pipelined request %d: %s of request %d where %s was expected",
                            (int)(expected - pipeline->first), message_kind_name(kind),
                            (int)(id - pipeline->first), message_kind_name(pattern->iopub[step]));
    return true;
}

static bool take_reply(struct pipeline *pipeline, uint64_t id)
{
    uint64_t expected = pipeline->first + (uint64_t)pipeline->replies_seen++;
    if (id != expected || message_kind(&pipeline->session->message) != MESSAGE_EXECUTE_REPLY ||
        !exchange_is_ok(message_part(&pipeline->session->message, PART_CONTENT)))
        return session_fail(pipeline->session,
                            "pipelined request %d: its reply is not ok or out of order",
                            (int)(expected - pipeline->first));
    return true;
}

/* Takes one message; false when there is none or the session has failed. */
static bool take(struct pipeline *pipeline, enum channel channel)
{
    struct session *session = pipeline->session;
    uint64_t id;
    enum receive_result result = client_receive(&session->client, channel, &session->message);
    if (result == NOTHING_THERE || session->has_failed)
        return false;
    if (result == RECEIVED_NOISE)
        return session_fail(session, "it sent something that is no Jupyter message");
    if (!client_parent(&session->client, &session->message, &id) || id < pipeline->first)
        return true;
    return channel == CHANNEL_IOPUB ? take_iopub(pipeline, id) : take_reply(pipeline, id);
}

static bool await_all(struct pipeline *pipeline)
{
    struct session *session = pipeline->session;
    int iopub_total = pipeline->count * exchange_patterns[EXCHANGE_EXECUTE].count;
    int64_t last_progress = clock_now();
    while (pipeline->iopub_seen < iopub_total || pipeline->replies_seen < pipeline->count) {
        int before = pipeline->iopub_seen + pipeline->replies_seen;
        while (take(pipeline, CHANNEL_IOPUB))
            continue;
        while (take(pipeline, CHANNEL_SHELL))
            continue;
        if (session->has_failed)
            return false;
        if (pipeline->iopub_seen + pipeline->replies_seen > before) {
            last_progress = clock_now();
            continue;
        }
        if (clock_now() - last_progress > SESSION_PATIENCE)
            return session_fail(session, "%d of %d pipelined requests were never answered",
                                pipeline->count - pipeline->replies_seen, pipeline->count);
        client_wait(&session->client, CHANNEL_BIT(CHANNEL_IOPUB) | CHANNEL_BIT(CHANNEL_SHELL),
                    CLOCK_S);
    }
    return true;
}

/* Adds requests per second to `rates` and the time to *total. */
static void run(struct session *session, int count, struct samples *rates, int64_t *total)
{
    struct pipeline pipeline = {session, session->client.last_id + 1, count, 0, 0};
    struct span content = make_execute_content(session->spec->language.expression, 0);
    struct request *requests = calloc((size_t)count, sizeof *requests);
    if (!requests)
        abort();
    for (int i = 0; i < count; i++)
        client_build(&session->client, &requests[i], "execute_request", content);
    bool is_good = true;
    int64_t start = clock_now();
    for (int i = 0; i < count && is_good; i++)
        is_good = client_send(&session->client, CHANNEL_SHELL, &requests[i]);
    is_good = is_good ? await_all(&pipeline) : session_fail(session, "requests cannot be sent");
    int64_t elapsed = clock_now() - start;
    if (is_good)
        samples_add(rates, count / ((double)elapsed / CLOCK_S));
    free(requests);
    free((char *)content.data);
    *total += elapsed;
}

static void measure(struct bench *bench, struct session *sessions, int size)
{
    struct samples rates[KERNELS_MAX] = {0};
    int64_t totals[KERNELS_MAX] = {0};
    int order[KERNELS_MAX];
    for (int round = 0; round < bench->scale->pipeline_rounds * sizes[size].repeat; round++) {
        bench_shuffle(order, bench->kernels->count);
        for (int place = 0; place < bench->kernels->count; place++) {
            int i = order[place];
            if (sessions[i].is_open && !sessions[i].has_failed && totals[i] < BENCH_ROUNDS_TIME)
                run(&sessions[i], sizes[size].requests, &rates[i], &totals[i]);
        }
    }
    for (int i = 0; i < bench->kernels->count; i++) {
        if (rates[i].count)
            report_set(bench->report, sizes[size].metric, &bench->kernels->specs[i],
                       samples_median(&rates[i]), &rates[i]);
        samples_fini(&rates[i]);
    }
}

void bench_pipeline(struct bench *bench)
{
    struct session sessions[KERNELS_MAX];
    sessions_open(sessions, bench);
    for (int size = 0; size < SIZES; size++)
        if (sizes[size].requests <= bench->scale->pipeline_largest)
            measure(bench, sessions, size);
    for (int i = 0; i < bench->kernels->count; i++)
        if (sessions[i].is_open)
            report_set(bench->report, METRIC_PIPELINE_PEAK, &bench->kernels->specs[i],
                       (double)process_peak_rss(sessions[i].kernel.pid) / 1024, NULL);
    sessions_close(sessions, bench);
}
