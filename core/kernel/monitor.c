#include "kernel/monitor.h"
#include "base/clock.h"
#include "kernel/state.h"
#include "telemetry/log.h"
#include "telemetry/replace_file.h"
#include "telemetry/targets.h"
#include "telemetry/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The session's processes are looked at no more often than this, however often somebody asks. */
#define MEASURE_US 500000

bool monitor_init(struct kernel *kernel, struct error *error)
{
    struct monitor *monitor = &kernel->monitor;
    const char *listen = config_text(kernel->config, "metrics.listen");
    monitor->started_us = clock_us();
    kernel->metrics.started_us = (uint64_t)clock_read_us(CLOCK_REALTIME);
    monitor->listener.fd = monitor->first.fd = -1;
    return !*listen ||
           listener_parse(&monitor->listener, listen,
                          config_flag(kernel->config, "metrics.allow_remote"), error) ||
           error_prefix(error, "metrics.listen");
}

/* A process that ends leaves its time to whoever reaps it, a moment later. */
static void raise_to(uint64_t *counter, uint64_t value)
{
    if (value > *counter)
        *counter = value;
}

/* What has to be looked for in /proc. */
static void measure(struct kernel *kernel)
{
    struct metrics *metrics = &kernel->metrics;
    int64_t now = clock_us();
    struct process_use use;
    struct session_usage usage;
    if (kernel->monitor.measured_us && now - kernel->monitor.measured_us < MEASURE_US)
        return;
    kernel->monitor.measured_us = now;
    guard_measure(kernel, &use);
    metrics->session_memory = (uint64_t)use.memory;
    metrics->session_processes = (uint64_t)use.processes;
    metrics->session_open_files = (uint64_t)use.open_files;
    usage_of_session(getpid(), LINK_SLEEPING_NAME, &usage);
    raise_to(&metrics->session_cpu_us, (uint64_t)usage.cpu_us);
    metrics->kernel_memory = (uint64_t)process_memory(getpid());
    metrics->kernel_open_files = usage_open_files();
}

static void gather(struct kernel *kernel)
{
    struct metrics *metrics = &kernel->metrics;
    pid_t asleep[SLEEPERS_MAX];
    const struct execution *e = &kernel->execution;
    metrics->build = kernel->monitor.labels.data;
    metrics->uptime_us = (uint64_t)(clock_us() - kernel->monitor.started_us);
    metrics->running = e->active && e->sent;
    metrics->waiting = kernel->queue.count;
    metrics->backlog = kernel->publisher.backlog.count;
    metrics->checkpoints = kernel->session.checkpoints_taken;
    metrics->sleeping = sleepers_pids(&kernel->session.sleepers, asleep);
    metrics->kernel_cpu_us = (uint64_t)clock_read_us(CLOCK_PROCESS_CPUTIME_ID);
    for (int fault = WIRE_FINE + 1; fault < WIRE_FAULTS; fault++)
        metrics->bad_messages[fault - 1] = kernel->faults[fault];
    measure(kernel);
}

static void write_page(void *context, enum exposition exposition, struct buffer *out)
{
    struct kernel *kernel = context;
    gather(kernel);
    exposition_write(&kernel->metrics, exposition, out);
}

static const char *user(void)
{
    const char *name = getenv("USER");
    return name && *name ? name : "";
}

static void announce(struct kernel *kernel)
{
    struct monitor *monitor = &kernel->monitor;
    struct error error;
    char *folder = config_path(kernel->config, "metrics.targets");
    const struct target target = {
        .address = monitor->listener.name,
        .evaluator = config_evaluator(kernel->config),
        .user = user(),
        .session = kernel->sender.session,
    };
    if (folder && listener_is_file(&monitor->listener))
        log_warning("no file in metrics.targets: Prometheus cannot read from a socket file");
    else if (folder && !(monitor->target = targets_add(folder, &target, &error)))
        log_error("metrics.targets: %s", error.sentence);
    free(folder);
}

static void write_labels(struct kernel *kernel)
{
    struct buffer *labels = &kernel->monitor.labels;
    buffer_append_format(labels, "version=\"%s\",evaluator=\"%s\"", PACKAGE_VERSION,
                         config_evaluator(kernel->config));
    buffer_append_byte(labels, '\0');
}

/* From now on the HTTP server accepts, this connection first. */
static void on_first_connection(void *context, uint32_t events)
{
    struct kernel *kernel = context;
    struct monitor *monitor = &kernel->monitor;
    const struct http_page page = {write_page, kernel};
    struct error error;
    (void)events;
    loop_unwatch(&kernel->loop, &monitor->first);
    monitor->http = http_open(&kernel->loop, monitor->listener.fd, &page, &error);
    if (!monitor->http) {
        log_error("no metrics: %s", error.sentence);
        listener_forget(&monitor->listener);
    }
}

void monitor_start(struct kernel *kernel)
{
    struct monitor *monitor = &kernel->monitor;
    struct error error;
    write_labels(kernel);
    if (!monitor->listener.size)
        return;
    if (!listener_open(&monitor->listener, &error)) {
        log_error("no metrics: %s", error.sentence);
        return;
    }
    monitor->first =
        (struct loop_watch){monitor->listener.fd, EPOLLIN, on_first_connection, kernel};
    if (!loop_watch(&kernel->loop, &monitor->first, &error)) {
        log_error("no metrics: %s", error.sentence);
        monitor->first.fd = -1;
        close(monitor->listener.fd);
        listener_forget(&monitor->listener);
        return;
    }
    log_info("metrics: %s%s%s", listener_is_file(&monitor->listener) ? "" : "http://",
             monitor->listener.name, listener_is_file(&monitor->listener) ? "" : "/metrics");
    announce(kernel);
}

static void write_file(struct kernel *kernel)
{
    struct error error;
    struct buffer text = {0};
    char *path = config_path(kernel->config, "metrics.file");
    char *expanded = path ? listener_expand(path) : NULL;
    if (expanded) {
        kernel->monitor.measured_us = 0;
        write_page(kernel, EXPOSITION_PROMETHEUS, &text);
        if (text.failed)
            log_error("metrics.file: out of memory");
        else if (!replace_file(expanded, buffer_str(&text), &error))
            log_error("metrics.file: %s", error.sentence);
    }
    buffer_fini(&text);
    free(expanded);
    free(path);
}

void monitor_stop(struct kernel *kernel)
{
    struct monitor *monitor = &kernel->monitor;
    int unused = monitor->first.fd;
    targets_remove(monitor->target);
    monitor->target = NULL;
    loop_unwatch(&kernel->loop, &monitor->first);
    if (unused >= 0)
        close(unused);
    http_close(monitor->http);
    monitor->http = NULL;
    listener_forget(&monitor->listener);
    if (monitor->labels.size)
        write_file(kernel);
    buffer_fini(&monitor->labels);
}
