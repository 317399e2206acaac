/*
 * What the parts of one kernel share. Each member belongs to the module in whose header its struct
 * is; the others use it through that header's functions.
 */
#ifndef HILUM_KERNEL_STATE_H
#define HILUM_KERNEL_STATE_H

#include "base/loop.h"
#include "kernel/aside.h"
#include "kernel/capture.h"
#include "kernel/comms.h"
#include "kernel/execution.h"
#include "kernel/flight.h"
#include "kernel/guard.h"
#include "kernel/handshake.h"
#include "kernel/history.h"
#include "kernel/intake.h"
#include "kernel/lifecycle.h"
#include "kernel/look.h"
#include "kernel/monitor.h"
#include "kernel/publisher.h"
#include "kernel/queue.h"
#include "kernel/session.h"
#include "kernel/stdin.h"
#include "kernel/trail.h"
#include "kernel/usage_request.h"
#include "protocol/signer.h"
#include "protocol/sockets.h"
#include "telemetry/metrics.h"

struct kernel {
    const struct config *config;
    struct loop loop;
    struct signer signer;
    struct wire_sender sender;
    struct sockets sockets;
    struct publisher publisher;
    struct session session;
    struct capture capture;
    struct queue queue;            /* of the shell channel */
    struct queue waiting_for_info; /* kernel_info_requests from before the evaluator said hello */
    struct execution execution;
    struct flight flight;
    struct look look;
    struct guard guard;
    struct aside aside;
    struct stdin_question question; /* that a client is being asked */
    struct comms comms;
    struct history history;
    struct lifecycle lifecycle;
    struct handshake handshake;
    struct usage_mark usage;
    struct metrics metrics;
    struct monitor monitor;
    struct trail trail;
    bool time_all_cells; /* cells.time */
    bool shutting_down;
    bool advancing; /* the router is starting requests from the queue */

    uint64_t faults[WIRE_FAULTS]; /* messages that were not accepted, by reason */
    struct received received;     /* the message being taken in */
    struct socket_watch watches[CHANNELS];
};

#endif
