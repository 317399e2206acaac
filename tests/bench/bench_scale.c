/* Many kernels at once: what each costs that nobody uses, and how much all of them get done. */
#include "bench.h"

#include "clock.h"
#include "exchange.h"
#include "procfs.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <zmq.h>

#define IDLE_WINDOW (5 * CLOCK_S)
#define FEW_CELLS   5

struct crowd {
    struct bench *bench;
    struct session *sessions;
    int count;
};

/* One socket here is two descriptors or more. */
static void allow_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool run_few_cells(struct session *session)
{
    int64_t ignored;
    for (int i = 0; i < FEW_CELLS; i++)
        if (!exchange(session, EXCHANGE_EXECUTE, i == 0, &ignored))
            return false;
    return true;
}

static bool crowd_open(struct crowd *crowd, struct bench *bench, const struct kernel_spec *spec,
                       int count)
{
    *crowd = (struct crowd){bench, calloc((size_t)count, sizeof *crowd->sessions), 0};
    if (!crowd->sessions)
        abort();
    while (crowd->count < count) {
        struct session *session = &crowd->sessions[crowd->count];
        if (!session_open(session, bench, spec, false))
            return false;
        crowd->count++;
        if (!run_few_cells(session))
            return false;
    }
    return true;
}

static void crowd_close(struct crowd *crowd)
{
    for (int i = 0; i < crowd->count; i++)
        session_close(&crowd->sessions[i]);
    free(crowd->sessions);
}

/* ---- nobody uses them ---- */

static int64_t cpu_time(const struct process_tree *trees, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++)
        for (size_t k = 0; k < trees[i].count; k++)
            sum += process_cpu_time(trees[i].processes[k].pid);
    return sum;
}

static void measure_idle(struct crowd *crowd, const struct kernel_spec *spec)
{
    struct report *report = crowd->bench->report;
    struct process_tree *trees = calloc((size_t)crowd->count, sizeof *trees);
    struct samples pss = {0};
    if (!trees)
        abort();
    clock_sleep(crowd->bench->scale->settle);
    for (int i = 0; i < crowd->count; i++)
        process_tree_read(&trees[i], crowd->sessions[i].kernel.pid);
    int64_t start = clock_now(), time = cpu_time(trees, crowd->count);
    clock_sleep(IDLE_WINDOW);
    time = cpu_time(trees, crowd->count) - time;
    double seconds = (double)(clock_now() - start) / CLOCK_S;
    for (int i = 0; i < crowd->count; i++)
        samples_add(&pss, (double)process_tree_sum(&trees[i], process_pss) / 1024);
    report_set(report, METRIC_SCALE_PSS, spec, samples_median(&pss), &pss);
    report_set(report, METRIC_SCALE_CPU, spec, (double)time / 1000 / seconds, NULL);
    samples_fini(&pss);
    free(trees);
}

/* ---- all are busy ---- */

/* One request of a session: the next one follows when it is answered. */
struct turn {
    uint64_t request;
    int64_t start;
    bool has_reply, is_idle;
};

static void begin(struct session *session, struct turn *turn, struct span content)
{
    struct request request;
    client_build(&session->client, &request, "execute_request", content);
    *turn = (struct turn){.request = request.id, .start = clock_now()};
    if (!client_send(&session->client, CHANNEL_SHELL, &request))
        session_fail(session, "a request cannot be sent");
}

static void take_all(struct session *session, struct turn *turn, enum channel channel)
{
    uint64_t id;
    enum receive_result result;
    while ((result = client_receive(&session->client, channel, &session->message)) !=
           NOTHING_THERE) {
        if (result != RECEIVED || !client_parent(&session->client, &session->message, &id) ||
            id != turn->request)
            continue;
        enum message_kind kind = message_kind(&session->message);
        turn->is_idle |= kind == MESSAGE_IDLE;
        turn->has_reply |= kind == MESSAGE_EXECUTE_REPLY;
        if (kind == MESSAGE_EXECUTE_REPLY &&
            !exchange_is_ok(message_part(&session->message, PART_CONTENT)))
            session_fail(session, "a reply is not ok while many kernels are busy");
    }
}

static void look(struct session *session, struct turn *turn, struct span content,
                 struct samples *times)
{
    take_all(session, turn, CHANNEL_IOPUB);
    take_all(session, turn, CHANNEL_SHELL);
    if (!turn->has_reply || !turn->is_idle)
        return;
    samples_add(times, (double)(clock_now() - turn->start) / 1000);
    begin(session, turn, content);
}

/* Every session has one request on its way, until the time is over. */
static void keep_busy(struct crowd *crowd, struct samples *times, struct span content)
{
    struct turn *turns = calloc((size_t)crowd->count, sizeof *turns);
    zmq_pollitem_t *items = calloc((size_t)crowd->count * 2, sizeof *items);
    if (!turns || !items)
        abort();
    for (int i = 0; i < crowd->count; i++) {
        void **sockets = crowd->sessions[i].client.sockets;
        items[2 * i] = (zmq_pollitem_t){sockets[CHANNEL_IOPUB], 0, ZMQ_POLLIN, 0};
        items[2 * i + 1] = (zmq_pollitem_t){sockets[CHANNEL_SHELL], 0, ZMQ_POLLIN, 0};
        begin(&crowd->sessions[i], &turns[i], content);
    }
    int64_t end = clock_now() + crowd->bench->scale->busy_time;
    while (clock_now() < end) {
        zmq_poll(items, 2 * crowd->count, 100);
        for (int i = 0; i < crowd->count; i++)
            if (items[2 * i].revents || items[2 * i + 1].revents)
                look(&crowd->sessions[i], &turns[i], content, times);
    }
    for (int i = 0; i < crowd->count; i++)
        if (clock_now() - turns[i].start > SESSION_PATIENCE)
            session_fail(&crowd->sessions[i], "no answer while many kernels were busy");
    free(turns);
    free(items);
}

static void measure_busy(struct crowd *crowd, const struct kernel_spec *spec)
{
    struct report *report = crowd->bench->report;
    struct samples times = {0};
    struct span content = make_execute_content(spec->language.expression, 0);
    int64_t start = clock_now();
    keep_busy(crowd, &times, content);
    double seconds = (double)(clock_now() - start) / CLOCK_S;
    report_set(report, METRIC_SCALE_RATE, spec, (double)times.count / seconds, NULL);
    report_set(report, METRIC_SCALE_P50, spec, samples_median(&times), &times);
    report_set(report, METRIC_SCALE_P99, spec, samples_percentile(&times, 0.99), NULL);
    samples_fini(&times);
    free((char *)content.data);
}

static void run(struct bench *bench, const struct kernel_spec *spec, int count,
                void (*measure)(struct crowd *crowd, const struct kernel_spec *spec))
{
    struct crowd crowd;
    if (crowd_open(&crowd, bench, spec, count))
        measure(&crowd, spec);
    crowd_close(&crowd);
}

/* Not peers: 200 kernels of a Python process each would not fit into many machines. */
void bench_scale(struct bench *bench)
{
    allow_descriptors();
    for (int i = 0; i < bench->kernels->count; i++) {
        const struct kernel_spec *spec = &bench->kernels->specs[i];
        if (spec->is_peer)
            continue;
        run(bench, spec, bench->scale->idle_kernels, measure_idle);
        run(bench, spec, bench->scale->busy_kernels, measure_busy);
    }
}
