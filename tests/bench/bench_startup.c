/* Start-up: from fork until the first kernel_info_reply is here. */
#include "bench.h"

#include "clock.h"
#include "session.h"

static bool await_first_reply(struct session *session)
{
    struct kernel *kernel = &session->kernel;
    struct client *client = &session->client;
    struct request request;
    if (!kernel_start(kernel) || !kernel_await_port(kernel, PORT_SHELL, SESSION_PATIENCE))
        return session_fail(session, "it did not start");
    client_build(client, &request, "kernel_info_request", span_of("{}"));
    if (!client_connect(client, session->bench->zmq, &kernel->connection,
                        CHANNEL_BIT(CHANNEL_SHELL), false) ||
        !client_send(client, CHANNEL_SHELL, &request))
        return session_fail(session, "the client cannot connect: %s", zmq_strerror(zmq_errno()));
    client_wait(client, CHANNEL_BIT(CHANNEL_SHELL), SESSION_PATIENCE);
    if (client_receive(client, CHANNEL_SHELL, &session->message) != RECEIVED ||
        message_kind(&session->message) != MESSAGE_KERNEL_INFO_REPLY)
        return session_fail(session, "the first answer is no kernel_info_reply");
    return true;
}

static void start_once(struct bench *bench, const struct kernel_spec *spec, struct samples *times)
{
    struct session session;
    session_init(&session, bench, spec);
    if (!kernel_prepare(&session.kernel, spec)) {
        session_fail(&session, "it cannot be prepared");
    } else {
        client_init(&session.client, &session.kernel.connection);
        int64_t start = clock_now();
        if (await_first_reply(&session))
            samples_add(times, (double)(clock_now() - start) / CLOCK_MS);
        /* For the shutdown_request. */
        if (!client_connect(&session.client, bench->zmq, &session.kernel.connection,
                            CHANNEL_BIT(CHANNEL_CONTROL), false))
            session_fail(&session, "the client cannot connect");
    }
    session_close(&session);
}

void bench_startup(struct bench *bench)
{
    struct samples times[KERNELS_MAX] = {0};
    int order[KERNELS_MAX];
    for (int round = 0; round < bench->scale->startups; round++) {
        bench_shuffle(order, bench->kernels->count);
        for (int i = 0; i < bench->kernels->count; i++)
            start_once(bench, &bench->kernels->specs[order[i]], &times[order[i]]);
    }
    for (int i = 0; i < bench->kernels->count; i++) {
        if (times[i].count)
            report_set(bench->report, METRIC_STARTUP, &bench->kernels->specs[i],
                       samples_median(&times[i]), &times[i]);
        samples_fini(&times[i]);
    }
}
