#include "session.h"

#include "clock.h"
#include "exchange.h"

#include <jansson.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define HANDSHAKE_PERIOD (100 * CLOCK_MS)
#define SHUTDOWN_GRACE   (5 * CLOCK_S)

bool session_fail(struct session *session, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    session->has_failed = true;
    session->kernel.is_suspect = true;
    report_fault(session->bench->report, session->spec, "%s", text);
    return false;
}

/* Did the idle status of this request arrive before the time is over? */
static bool await_idle(struct session *session, uint64_t request, int64_t deadline)
{
    while (clock_now() < deadline) {
        uint64_t id;
        client_wait(&session->client, CHANNEL_BIT(CHANNEL_IOPUB), deadline - clock_now());
        if (client_receive(&session->client, CHANNEL_IOPUB, &session->message) == RECEIVED &&
            client_parent(&session->client, &session->message, &id) && id == request &&
            message_kind(&session->message) == MESSAGE_IDLE)
            return true;
    }
    return false;
}

/*
 * A subscription takes effect some time after the connection, and what is published before is
 * lost, so kernel_info is asked until its idle status arrives.
 */
static bool shake_hands(struct session *session)
{
    int64_t deadline = clock_now() + SESSION_PATIENCE;
    while (clock_now() < deadline) {
        struct request request;
        client_build(&session->client, &request, "kernel_info_request", span_of("{}"));
        if (!client_send(&session->client, CHANNEL_SHELL, &request))
            return false;
        if (await_idle(session, request.id, clock_now() + HANDSHAKE_PERIOD))
            return true;
    }
    return false;
}

void session_init(struct session *session, struct bench *bench, const struct kernel_spec *spec)
{
    memset(session, 0, sizeof *session);
    session->bench = bench;
    session->spec = spec;
    session->is_open = true;
    message_init(&session->message);
}

static bool open_steps(struct session *session, bool is_slow_reader)
{
    struct kernel *kernel = &session->kernel;
    if (!kernel_prepare(kernel, session->spec) || !kernel_start(kernel) ||
        !kernel_await_port(kernel, PORT_SHELL, SESSION_PATIENCE))
        return session_fail(session, "it did not start");
    client_init(&session->client, &kernel->connection);
    if (!client_connect(&session->client, session->bench->zmq, &kernel->connection, CHANNEL_ALL,
                        is_slow_reader))
        return session_fail(session, "the client cannot connect: %s", zmq_strerror(zmq_errno()));
    if (!shake_hands(session))
        return session_fail(session, "it did not answer kernel_info_request with busy and idle");
    return true;
}

bool session_open(struct session *session, struct bench *bench, const struct kernel_spec *spec,
                  bool is_slow_reader)
{
    session_init(session, bench, spec);
    if (open_steps(session, is_slow_reader))
        return true;
    session_close(session);
    return false;
}

void session_close(struct session *session)
{
    struct request request;
    bool was_asked = false;
    if (!session->is_open)
        return;
    if (session->client.sockets[CHANNEL_CONTROL]) {
        client_build(&session->client, &request, "shutdown_request",
                     span_of("{\"restart\": false}"));
        was_asked = client_send(&session->client, CHANNEL_CONTROL, &request);
    }
    /* Keep reading: a kernel that never drops output may have some left to deliver. */
    int64_t deadline = clock_now() + (was_asked && !session->has_failed ? SHUTDOWN_GRACE : 0);
    while (!kernel_has_ended(&session->kernel) && clock_now() < deadline) {
        client_wait(&session->client, CHANNEL_BIT(CHANNEL_IOPUB), CLOCK_MS);
        while (client_receive(&session->client, CHANNEL_IOPUB, &session->message) != NOTHING_THERE)
            continue;
    }
    const char *fault = kernel_stop(&session->kernel);
    if (fault && !session->has_failed)
        session_fail(session, "%s", fault);
    client_close(&session->client);
    message_fini(&session->message);
    session->is_open = false;
}

void sessions_open(struct session *sessions, struct bench *bench)
{
    for (int i = 0; i < bench->kernels->count; i++) {
        struct session *session = &sessions[i];
        if (session_open(session, bench, &bench->kernels->specs[i], false))
            exchange_warm_up(session);
    }
}

void sessions_close(struct session *sessions, struct bench *bench)
{
    for (int i = 0; i < bench->kernels->count; i++)
        session_close(&sessions[i]);
}

struct span make_execute_content(const char *code, uint64_t number)
{
    char text[4096];
    const char *place = strstr(code, "{N}");
    if (place)
        snprintf(text, sizeof text, "%.*s%" PRIu64 "%s", (int)(place - code), code, number,
                 place + 3);
    else
        snprintf(text, sizeof text, "%s", code);
    json_t *content =
        json_pack("{s:s, s:b, s:b, s:{}, s:b, s:b}", "code", text, "silent", 0, "store_history", 1,
                  "user_expressions", "allow_stdin", 0, "stop_on_error", 1);
    char *json = content ? json_dumps(content, JSON_COMPACT) : NULL;
    json_decref(content);
    if (!json)
        abort();
    return span_of(json);
}
