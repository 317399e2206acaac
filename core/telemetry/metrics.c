#include "telemetry/metrics.h"

const int64_t metrics_bounds[METRICS_BUCKETS] = {
    50,     100,    250,    500,     1000,    2500,    5000,     10000,    25000,    50000,
    100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 600000000,
};

static const char *const requests[METRICS_REQUESTS] = {
    "execute_request",
    "complete_request",
    "inspect_request",
    "is_complete_request",
    "history_request",
    "kernel_info_request",
    "connect_request",
    "comm_info_request",
    "comm_open",
    "comm_msg",
    "comm_close",
    "usage_request",
    "interrupt_request",
    "shutdown_request",
    "other",
};
static const char *const statuses[METRICS_STATUSES] = {"ok", "error", "aborted", "ignored"};
static const char *const outputs[METRICS_OUTPUTS] = {
    "stream", "display_data", "update_display_data", "execute_result", "error", "clear_output",
};
static const char *const drops[METRICS_DROPS] = {"slow_client", "out_of_memory"};
static const char *const interrupts[METRICS_INTERRUPTS] = {"stopped", "killed", "too_late",
                                                           "not_started", "idle"};
static const char *const causes[METRICS_CAUSES] = {"crash",     "exit",  "program", "limit",
                                                   "interrupt", "other", "undo"};
static const char *const limits[METRICS_LIMITS] = {"wall", "cpu", "memory", "processes",
                                                   "open_files"};
static const char *const breaches[METRICS_BREACHES] = {"soft", "hard"};
static const char *const faults[METRICS_FAULTS] = {
    "no_delimiter", "missing_frames", "too_large",  "bad_signature",
    "replayed",     "bad_json",       "bad_header", "bad_subscription",
};

#define IN(member) offsetof(struct metrics, member)
#define LABEL(key, of)                                                                             \
    {                                                                                              \
        key, of, sizeof of / sizeof *of                                                            \
    }

/* clang-format off */
const struct metrics_family metrics_families[] = {
    {.name = "hilum_build_info", .kind = METRICS_INFO, .offset = IN(build),
     .help = "What runs: the version of Hilum, and the evaluator."},
    {.name = "hilum_start_time_seconds", .kind = METRICS_GAUGE, .unit = METRICS_TIME,
     .offset = IN(started_us),
     .help = "When the kernel started, in seconds since 1970."},
    {.name = "hilum_uptime_seconds", .kind = METRICS_GAUGE, .unit = METRICS_TIME,
     .offset = IN(uptime_us),
     .help = "How long the kernel has been running."},
    {.name = "hilum_last_request_timestamp_seconds", .kind = METRICS_GAUGE, .unit = METRICS_TIME,
     .offset = IN(last_request_us),
     .help = "When the last request on shell was taken up, in seconds since 1970; 0: none was."},
    {.name = "hilum_requests", .kind = METRICS_COUNTER, .offset = IN(requests),
     .labels = {LABEL("type", requests), LABEL("status", statuses)}, .zeros = 1,
     .help = "Requests that were answered."},
    {.name = "hilum_running_requests", .kind = METRICS_GAUGE, .offset = IN(running),
     .help = "Requests that the worker is serving."},
    {.name = "hilum_queued_requests", .kind = METRICS_GAUGE, .offset = IN(waiting),
     .help = "Requests that wait their turn."},
    {.name = "hilum_execute_queue_seconds", .kind = METRICS_HISTOGRAM, .offset = IN(wait),
     .help = "From the arrival of a cell until the worker was sent it."},
    {.name = "hilum_execute_compile_seconds", .kind = METRICS_HISTOGRAM, .offset = IN(compile),
     .help = "Compiling cells, in the worker."},
    {.name = "hilum_execute_run_seconds", .kind = METRICS_HISTOGRAM, .offset = IN(run),
     .help = "Running cells, in the worker."},
    {.name = "hilum_execute_seconds", .kind = METRICS_HISTOGRAM, .offset = IN(whole),
     .help = "From the arrival of a cell that the worker was sent until the worker's reply."},
    {.name = "hilum_output_messages", .kind = METRICS_COUNTER, .offset = IN(output_messages),
     .labels = {LABEL("type", outputs)},
     .help = "Messages with output that were published."},
    {.name = "hilum_output_bytes", .kind = METRICS_COUNTER, .offset = IN(output_bytes),
     .labels = {LABEL("type", outputs)},
     .help = "Bytes of their contents and buffers."},
    {.name = "hilum_output_left_out_bytes", .kind = METRICS_COUNTER, .offset = IN(left_out_bytes),
     .help = "Bytes of output that were not shown, as the cell's limit was reached."},
    {.name = "hilum_output_backlog_messages", .kind = METRICS_GAUGE, .offset = IN(backlog),
     .help = "Published messages that wait for clients to read."},
    {.name = "hilum_output_dropped_messages", .kind = METRICS_COUNTER, .offset = IN(dropped),
     .labels = {LABEL("reason", drops)},
     .help = "Messages that a client may have missed."},
    {.name = "hilum_interrupts", .kind = METRICS_COUNTER, .offset = IN(interrupts),
     .labels = {LABEL("outcome", interrupts)},
     .help = "Interrupts by users, by how they ended."},
    {.name = "hilum_limits_exceeded", .kind = METRICS_COUNTER, .offset = IN(breaches),
     .labels = {LABEL("limit", limits), LABEL("severity", breaches)}, .zeros = METRICS_LIMITS,
     .help = "Limits that requests exceeded."},
    {.name = "hilum_worker_deaths", .kind = METRICS_COUNTER, .offset = IN(deaths),
     .labels = {{"cause", causes, METRICS_BY_UNDO}},
     .help = "Workers that ended before the kernel did."},
    {.name = "hilum_rollbacks", .kind = METRICS_COUNTER, .offset = IN(rollbacks),
     .labels = {LABEL("cause", causes)},
     .help = "Times that the session went on from a checkpoint."},
    {.name = "hilum_sessions_lost", .kind = METRICS_COUNTER, .offset = IN(losses),
     .labels = {{"cause", causes, METRICS_BY_UNDO}},
     .help = "Times that the session's state was lost."},
    {.name = "hilum_checkpoints", .kind = METRICS_COUNTER, .offset = IN(checkpoints),
     .help = "Checkpoints that were taken."},
    {.name = "hilum_checkpoint_seconds", .kind = METRICS_HISTOGRAM, .offset = IN(checkpoint),
     .help = "How long taking a checkpoint kept the session; known with the reply that follows."},
    {.name = "hilum_sleeping_checkpoints", .kind = METRICS_GAUGE, .offset = IN(sleeping),
     .help = "Checkpoints that there are."},
    {.name = "hilum_session_memory_bytes", .kind = METRICS_GAUGE, .offset = IN(session_memory),
     .help = "Memory of the session's processes that no file backs; checkpoints not counted."},
    {.name = "hilum_session_processes", .kind = METRICS_GAUGE, .offset = IN(session_processes),
     .help = "Processes of the session; checkpoints not counted."},
    {.name = "hilum_session_open_files", .kind = METRICS_GAUGE, .offset = IN(session_open_files),
     .help = "Open files of the process of the session that has most."},
    {.name = "hilum_session_cpu_seconds", .kind = METRICS_COUNTER, .unit = METRICS_TIME,
     .offset = IN(session_cpu_us),
     .help = "CPU time of all processes of the session, dead ones included."},
    {.name = "hilum_bad_messages", .kind = METRICS_COUNTER, .offset = IN(bad_messages),
     .labels = {LABEL("reason", faults)},
     .help = "Messages from clients that were not accepted."},
    {.name = "hilum_kernel_memory_bytes", .kind = METRICS_GAUGE, .offset = IN(kernel_memory),
     .help = "Memory of the kernel process itself that no file backs."},
    {.name = "hilum_kernel_open_files", .kind = METRICS_GAUGE, .offset = IN(kernel_open_files),
     .help = "Open files of the kernel process itself."},
    {.name = "hilum_kernel_cpu_seconds", .kind = METRICS_COUNTER, .unit = METRICS_TIME,
     .offset = IN(kernel_cpu_us),
     .help = "CPU time of the kernel process itself."},
    {.name = NULL},
};
/* clang-format on */

void metrics_observe(struct histogram *histogram, int64_t microseconds)
{
    size_t i = 0;
    if (microseconds < 0)
        microseconds = 0;
    while (i < METRICS_BUCKETS && microseconds > metrics_bounds[i])
        i++;
    histogram->buckets[i]++;
    histogram->count++;
    histogram->sum_us += (uint64_t)microseconds;
}

/* The index of the name, or count: it is none of these. */
static size_t find(const char *const *list, size_t count, struct str name)
{
    size_t i = 0;
    while (i < count && !str_equal(str_of(list[i]), name))
        i++;
    return i;
}

void metrics_count_request(struct metrics *metrics, struct str type, enum metrics_status status)
{
    metrics->requests[find(requests, METRICS_REQUESTS - 1, type)][status]++;
}

bool metrics_count_output(struct metrics *metrics, struct str type, size_t bytes)
{
    size_t i = find(outputs, METRICS_OUTPUTS, type);
    if (i == METRICS_OUTPUTS)
        return false;
    metrics->output_messages[i]++;
    metrics->output_bytes[i] += bytes;
    return true;
}
