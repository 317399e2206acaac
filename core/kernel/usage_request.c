#include "kernel/usage_request.h"
#include "base/json_write.h"
#include "kernel/state.h"
#include "telemetry/usage.h"

#include <unistd.h>

/* Per cent of one processor since the last request, which is how psutil counts. */
static double cpu_percent(struct usage_mark *mark, const struct usage *usage)
{
    int64_t now = loop_now();
    double spent = usage->cpu_seconds - mark->cpu_seconds;
    double seconds = (double)(now - mark->when) / 1000;
    bool known = mark->when && seconds > 0 && spent > 0;
    mark->cpu_seconds = usage->cpu_seconds;
    mark->when = now;
    return known ? 100 * spent / seconds : 0;
}

/* How busy all processors were since the last request. Left out the first time, and when none worked,
 * as ipykernel does. */
static void write_host_cpu(struct usage_mark *mark, struct buffer *out)
{
    uint64_t busy, total;
    if (!usage_of_host(&busy, &total))
        return;
    if (mark->host_total && total > mark->host_total && busy > mark->host_busy)
        buffer_append_format(out, ",\"host_cpu_percent\":%.1f",
                             100 * (double)(busy - mark->host_busy) /
                                 (double)(total - mark->host_total));
    mark->host_busy = busy;
    mark->host_total = total;
}

/* The numbers of %status, which the message's other members have no place for. */
static void write_session(struct kernel *kernel, const struct process_use *use, struct buffer *out)
{
    const struct worker_process *worker = kernel->session.worker;
    pid_t asleep[SLEEPERS_MAX];
    buffer_append_format(out, "{\"session_pid\":%ld,\"session_memory\":%lld",
                         worker ? (long)worker_pid(worker) : 0, (long long)use->memory);
    buffer_append_format(out, ",\"session_processes\":%lld,\"session_open_files\":%lld",
                         (long long)use->processes, (long long)use->open_files);
    buffer_append_format(out, ",\"checkpoints\":%zu,\"queue\":%zu}",
                         sleepers_pids(&kernel->session.sleepers, asleep), kernel->queue.count);
}

enum handled usage_request_handle(struct kernel *kernel, struct request *request)
{
    char host[256] = "";
    struct usage usage;
    struct process_use session;
    struct buffer out = {0};
    usage_of_tree(getpid(), &usage);
    guard_measure(kernel, &session);
    gethostname(host, sizeof host - 1);
    buffer_append(&out, STR("{\"status\":\"ok\",\"hostname\":"));
    json_write_string(&out, str_of(host));
    buffer_append_format(&out, ",\"pid\":%ld,\"kernel_cpu\":%.1f,\"kernel_memory\":%llu",
                         (long)getpid(), cpu_percent(&kernel->usage, &usage),
                         (unsigned long long)(process_memory(getpid()) + session.memory));
    write_host_cpu(&kernel->usage, &out);
    buffer_append_format(
        &out, ",\"cpu_count\":%ld,\"host_virtual_memory\":", sysconf(_SC_NPROCESSORS_ONLN));
    usage_write_host_memory(&out);
    buffer_append(&out, STR(",\"hilum\":"));
    write_session(kernel, &session, &out);
    buffer_append_byte(&out, '}');
    send_reply(&kernel->publisher, request, request->type->reply, buffer_str(&out));
    buffer_fini(&out);
    return HANDLED;
}
