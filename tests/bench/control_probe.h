/*
 * kernel_info requests on the control channel at a fixed rate, whether or not earlier ones were
 * answered: how well a kernel can be reached while it is busy.
 */
#ifndef BENCH_CONTROL_PROBE_H
#define BENCH_CONTROL_PROBE_H

#include "session.h"

/* Requests without an answer; more than this, and no further ones are sent. */
#define CONTROL_PROBE_MAX 4096

struct control_probe {
    struct session *session;
    int64_t period; /* ns */
    int64_t next;   /* when the next request is due */
    uint64_t sent_ids[CONTROL_PROBE_MAX];
    int64_t sent_times[CONTROL_PROBE_MAX];
    int pending;
    struct samples times; /* ms */
};

void control_probe_init(struct control_probe *probe, struct session *session, int64_t period);
void control_probe_fini(struct control_probe *probe);

/* Sends when it is time to, and takes all replies that are there. Never waits. */
void control_probe_turn(struct control_probe *probe);

/* Takes the outstanding replies; reports a fault when some do not come. */
bool control_probe_finish(struct control_probe *probe);

#endif
