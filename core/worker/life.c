#include "worker/life.h"
#include "base/clock.h"
#include "worker/checkpoint.h"
#include "worker/describe.h"
#include "worker/plugin.h"
#include "worker/serve.h"
#include "worker/worker.h"

#include <stdio.h>
#include <unistd.h>

static void say_hello(struct worker *worker, const char *error)
{
    struct buffer content = {0};
    if (error)
        describe_failure(error, &content);
    else
        describe_evaluator(&worker->evaluator, &content);
    channel_send(&worker->channel, STR("hello"), 0, buffer_str(&content));
    channel_flush(&worker->channel);
    buffer_fini(&content);
}

/* A request that may change the session leaves a checkpoint of what it made of it; one that does not
 * leaves that of those before it which had none, because others waited behind them. */
static void serve_change(struct worker *worker, const struct link_message *message)
{
    int64_t start = clock_us();
    bool more = message->more;
    serve_request(worker, message);
    if (worker->host.changed)
        checkpoints_take(worker, clock_us() - start, more);
    else if (checkpoints_are_due(worker))
        checkpoints_take(worker, 0, more);
}

/* The descriptor that the evaluator watches has something for it. */
static void serve_watched(struct worker *worker)
{
    struct host *host = &worker->host;
    host->idle = true;
    host->watch_ready(host->watch_session);
    fflush(NULL);
    channel_flush(&worker->channel);
    host->idle = false;
}

static void next_message(struct worker *worker, struct link_message *message)
{
    if (channel_next(&worker->channel, message))
        return;
    while (!checkpoints_wait(worker))
        serve_watched(worker);
    channel_receive(&worker->channel, message, NULL);
}

/* Not sent ahead: the kernel knows how the last one ended. */
static bool is_dropped(struct worker *worker, const struct link_message *message)
{
    if (!message->ahead)
        worker->flight.halted = false;
    return worker->flight.halted;
}

static void serve(struct worker *worker, const struct link_message *message)
{
    enum service_kind kind = serve_kind(message->type);
    if (kind == SERVICE_NONE || is_dropped(worker, message))
        return;
    if (kind == SERVICE_CHANGE && worker->session)
        serve_change(worker, message);
    else if (kind == SERVICE_LOAD || worker->session)
        serve_request(worker, message);
}

static void serve_until_shutdown(struct worker *worker)
{
    struct link_message message;
    for (;;) {
        next_message(worker, &message);
        if (str_equal(message.type, STR("shutdown_request")))
            return;
        if (str_equal(message.type, STR("redirect")))
            host_redirect(&worker->host);
        else if (str_equal(message.type, STR("ring")))
            printer_share(&worker->host.printer, worker->channel.fds);
        serve(worker, &message);
    }
}

int live(int fd, const char *file)
{
    struct worker worker = {.pid = getpid()};
    struct error error;
    channel_init(&worker.channel, fd);
    host_init(&worker.host, &worker.channel);
    offspring_init(&worker.offspring);
    bool opened = plugin_open(file, &worker.evaluator, &error);
    say_hello(&worker, opened ? NULL : error.sentence);
    if (opened)
        serve_until_shutdown(&worker);
    if (worker.session)
        worker.evaluator.unload(worker.session);
    fflush(NULL);
    offspring_fini(&worker.offspring);
    host_fini(&worker.host);
    channel_fini(&worker.channel);
    return opened ? 0 : 1;
}
