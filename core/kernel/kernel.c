#include "kernel/kernel.h"
#include "kernel/death.h"
#include "kernel/info.h"
#include "kernel/router.h"
#include "kernel/state.h"
#include "kernel/tally.h"
#include "kernel/worker_messages.h"
#include "telemetry/log.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static void on_session_changed(void *context)
{
    struct kernel *kernel = context;
    info_session_changed(kernel);
    execution_session_changed(kernel);
    lifecycle_session_changed(kernel);
}

static void on_session_arrived(void *context)
{
    capture_arrived(context);
}

static void on_session_comes_after(void *context, const struct link_at *at)
{
    capture_take(context, at);
}

static void on_session_message(void *context, const struct link_message *message)
{
    struct kernel *kernel = context;
    worker_messages_take(kernel, message);
    /* The next message may be the next cell's, when that is in flight. */
    router_land(kernel);
}

static void on_session_started(void *context, const int pipes[2], struct ring *ring)
{
    struct kernel *kernel = context;
    struct error error;
    kernel->execution.begun = 0;
    if (!capture_start(kernel, pipes, ring, &error)) {
        log_error("%s", error.sentence);
        worker_kill(kernel->session.worker, "has no output");
    }
}

static void on_session_lost(void *context, const struct session_loss *loss)
{
    struct kernel *kernel = context;
    capture_drain(kernel);
    tally_lost(kernel, loss);
    comms_lose(kernel);
    death_of_worker(kernel, loss);
    if (loss->restored)
        capture_replaced(kernel, loss->pid);
    else
        capture_end(kernel);
}

static void on_session_checkpointed(void *context)
{
    capture_gather(context);
    aside_go_on(context);
}

static void on_session_answer(void *context, const struct link_message *message)
{
    aside_take_answer(context, message);
}

static const struct session_events session_events = {
    .changed = on_session_changed,
    .arrived = on_session_arrived,
    .comes_after = on_session_comes_after,
    .message = on_session_message,
    .started = on_session_started,
    .lost = on_session_lost,
    .checkpointed = on_session_checkpointed,
    .answer = on_session_answer,
};

/* The password database is asked only when the environment does not say: that takes files and
 * libraries which a kernel needs for nothing else. */
static const char *user_name(void)
{
    const char *name = getenv("USER");
    if (!name || !*name)
        name = getenv("LOGNAME");
    if (name && *name)
        return name;
    const struct passwd *entry = getpwuid(geteuid());
    return entry ? entry->pw_name : "kernel";
}

/* A launcher learns the ports from the handshake; with a connection file there is no other way. */
static bool publish_ports(struct kernel *kernel, const char *connection_file, struct error *error)
{
    const struct connection *connection = &kernel->lifecycle.connection;
    if (connection_publish(connection, connection_file, error))
        return true;
    if (connection->registration_endpoint)
        log_warning("%s; only the launcher will know the kernel's ports", error->sentence);
    return connection->registration_endpoint;
}

static bool open_sockets(struct kernel *kernel, const char *connection_file, struct error *error)
{
    struct connection *connection = &kernel->lifecycle.connection;
    bool good = connection_read(connection, connection_file, error) &&
                signer_init(&kernel->signer, str_of(connection->signature_scheme),
                            str_of(connection->key), error) &&
                sockets_open(&kernel->sockets, connection, error) && intake_watch(kernel, error) &&
                lifecycle_watch(kernel, error);
    curve_key_wipe(&connection->curve);
    return good && publish_ports(kernel, connection_file, error);
}

static void init(struct kernel *kernel, const struct config *config)
{
    kernel->config = config;
    queue_init(&kernel->queue, (size_t)config_queue_max(config));
    queue_init(&kernel->waiting_for_info, SIZE_MAX);
    kernel->time_all_cells = config_flag(config, "cells.time");
    publisher_init(&kernel->publisher, &kernel->loop, &kernel->sockets, &kernel->sender,
                   &kernel->metrics);
    capture_init(kernel);
    execution_init(kernel);
    guard_init(kernel);
    aside_init(kernel);
    history_init(kernel);
}

static void fini(struct kernel *kernel)
{
    monitor_stop(kernel);
    session_fini(&kernel->session);
    guard_fini(kernel);
    stdin_fini(kernel);
    execution_fini(kernel);
    aside_fini(kernel);
    capture_fini(kernel);
    queue_fini(&kernel->queue);
    queue_fini(&kernel->waiting_for_info);
    publisher_fini(&kernel->publisher);
    comms_fini(kernel);
    handshake_fini(kernel);
    sockets_close(&kernel->sockets);
    signer_fini(&kernel->signer);
    lifecycle_fini(kernel);
    history_fini(kernel);
    loop_close(&kernel->loop);
}

/* The worker is started first: it gets going while the sockets are being opened. */
static bool run(struct kernel *kernel, const char *connection_file, struct error *error)
{
    if (!lifecycle_block_signals(kernel, error) || !loop_open(&kernel->loop, error) ||
        !wire_sender_init(&kernel->sender, &kernel->signer, user_name(), error))
        return false;
    log_set_session(str_of(kernel->sender.session));
    if (!monitor_init(kernel, error))
        return false;
    session_init(&kernel->session, &kernel->loop, kernel->config, &session_events, kernel);
    if (!open_sockets(kernel, connection_file, error))
        return false;
    publisher_start(&kernel->publisher);
    publish_status(&kernel->publisher, NULL, STR("starting"));
    kernel->loop.before_wait = intake_before_wait;
    kernel->loop.context = kernel;
    if (!handshake_start(kernel, error))
        return false;
    log_info("the kernel has started: hilum %s, evaluator %s", PACKAGE_VERSION,
             config_evaluator(kernel->config));
    monitor_start(kernel);
    loop_run(&kernel->loop);
    log_info("the kernel ends");
    router_report_faults(kernel);
    return handshake_succeeded(kernel, error);
}

int kernel_main(const struct config *config, const char *connection_file)
{
    struct error error;
    struct kernel *kernel = calloc(1, sizeof *kernel);
    if (!kernel) {
        log_error("out of memory");
        return 1;
    }
    kernel->loop.epoll = -1;
    kernel->monitor.first.fd = -1;
    init(kernel, config);
    bool good = run(kernel, connection_file, &error);
    if (!good)
        log_error("%s", error.sentence);
    fini(kernel);
    free(kernel);
    return good ? 0 : 1;
}
