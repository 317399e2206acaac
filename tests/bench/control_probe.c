#include "control_probe.h"

#include "clock.h"

void control_probe_init(struct control_probe *probe, struct session *session, int64_t period)
{
    memset(probe, 0, sizeof *probe);
    probe->session = session;
    probe->period = period;
    probe->next = clock_now() + period;
}

void control_probe_fini(struct control_probe *probe)
{
    samples_fini(&probe->times);
}

static void send_request(struct control_probe *probe)
{
    struct session *session = probe->session;
    struct request request;
    client_build(&session->client, &request, "kernel_info_request", span_of("{}"));
    probe->sent_ids[probe->pending] = request.id;
    probe->sent_times[probe->pending++] = clock_now();
    if (!client_send(&session->client, CHANNEL_CONTROL, &request))
        session_fail(session, "a control request cannot be sent");
}

static void take_reply(struct control_probe *probe, uint64_t id)
{
    for (int i = 0; i < probe->pending; i++) {
        if (probe->sent_ids[i] != id)
            continue;
        samples_add(&probe->times, (double)(clock_now() - probe->sent_times[i]) / CLOCK_MS);
        probe->pending--;
        probe->sent_ids[i] = probe->sent_ids[probe->pending];
        probe->sent_times[i] = probe->sent_times[probe->pending];
        return;
    }
}

static void take_replies(struct control_probe *probe)
{
    struct session *session = probe->session;
    uint64_t id;
    enum receive_result result;
    while ((result = client_receive(&session->client, CHANNEL_CONTROL, &session->message)) !=
           NOTHING_THERE)
        if (result == RECEIVED && client_parent(&session->client, &session->message, &id))
            take_reply(probe, id);
}

void control_probe_turn(struct control_probe *probe)
{
    take_replies(probe);
    int64_t now = clock_now();
    if (now < probe->next || probe->pending == CONTROL_PROBE_MAX)
        return;
    send_request(probe);
    probe->next += probe->period;
    if (probe->next < now)
        probe->next = now + probe->period;
}

bool control_probe_finish(struct control_probe *probe)
{
    struct session *session = probe->session;
    int64_t deadline = clock_now() + 10 * CLOCK_S;
    while (probe->pending && clock_now() < deadline) {
        client_wait(&session->client, CHANNEL_BIT(CHANNEL_CONTROL), CLOCK_MS);
        take_replies(probe);
    }
    if (probe->pending)
        return session_fail(session, "%d control requests were not answered", probe->pending);
    return true;
}
