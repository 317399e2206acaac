#include "kernel/intake.h"
#include "base/utf8.h"
#include "kernel/look.h"
#include "kernel/router.h"
#include "kernel/state.h"
#include "telemetry/log.h"

/* Messages taken from one socket before the others get their turn. */
#define MESSAGES_PER_TURN 64
/* Messages taken from the shell socket when they are to be aborted; against a client that never
 * stops sending. The queue may become longer than its maximum for a moment. */
#define MESSAGES_AT_ONCE 100000
/* Looks at the sockets before the descriptors get their turn. */
#define ROUNDS 3

static void welcome(struct kernel *kernel, struct str subscription)
{
    if (!subscription.size || subscription.data[0] != 1) /* 0: somebody unsubscribed */
        return;
    struct str topic = str_slice(subscription, 1, SIZE_MAX);
    if (utf8_is_valid(topic)) {
        publish_welcome(&kernel->publisher, topic);
        return;
    }
    kernel->faults[WIRE_BAD_SUBSCRIPTION]++;
    log_reason(LOG_LEVEL_WARNING, wire_fault_name(WIRE_BAD_SUBSCRIPTION),
               "a subscription that is not UTF-8 was ignored");
}

/* The request that was received, if it was one; the other kinds of message are dealt with. */
static struct request *digest(struct kernel *kernel, enum channel_name channel,
                              struct received *received)
{
    struct wire_incoming message;
    if (channel == CHANNEL_HB)
        sockets_echo(&kernel->sockets, channel, received);
    else if (channel == CHANNEL_IOPUB)
        welcome(kernel, received->frames[0]);
    else if (!router_read(kernel, channel, received, &message))
        return NULL;
    else if (channel == CHANNEL_STDIN)
        stdin_receive(kernel, &message);
    else
        return router_keep(channel, &message);
    return NULL;
}

static bool take_one(struct kernel *kernel, enum channel_name channel)
{
    struct received *received = &kernel->received;
    if (!sockets_receive(&kernel->sockets, channel, received))
        return false;
    struct request *request = digest(kernel, channel, received);
    /* Before anything is dispatched: that may take in further messages. */
    sockets_release(received);
    if (request)
        router_dispatch(kernel, request);
    return true;
}

void intake_take_shell(struct kernel *kernel)
{
    for (int i = 0; i < MESSAGES_AT_ONCE && take_one(kernel, CHANNEL_SHELL); i++)
        ;
}

static void take_turn(struct kernel *kernel, enum channel_name channel)
{
    for (int i = 0; i < MESSAGES_PER_TURN && kernel->sockets.touched[channel]; i++)
        if ((channel == CHANNEL_SHELL && !router_accepts_shell(kernel)) ||
            !take_one(kernel, channel))
            return;
}

static bool release(struct kernel *kernel)
{
    if (look_before_sending(kernel))
        router_advance(kernel);
    return publisher_release(&kernel->publisher);
}

bool intake_before_wait(void *context)
{
    static const enum channel_name order[] = {CHANNEL_CONTROL, CHANNEL_HB, CHANNEL_STDIN,
                                              CHANNEL_SHELL, CHANNEL_IOPUB};
    struct kernel *kernel = context;
    bool more = false;
    if (publisher_is_congested(&kernel->publisher) && kernel->sockets.touched[CHANNEL_IOPUB])
        publisher_flush(&kernel->publisher);
    router_advance(kernel);
    /* What is sent may hide an edge of the sockets' descriptors, so they are looked at again. */
    for (int round = 0; round < ROUNDS && (release(kernel) || round == 0); round++)
        for (size_t i = 0; i < CHANNELS; i++)
            take_turn(kernel, order[i]);
    if (look_before_sleeping(kernel))
        router_advance(kernel);
    release(kernel);
    for (enum channel_name i = 0; i < CHANNELS; i++)
        more |= kernel->sockets.touched[i] && (i != CHANNEL_SHELL || router_accepts_shell(kernel));
    flight_fill(kernel);
    bool congested = publisher_is_congested(&kernel->publisher);
    capture_pause(kernel, congested);
    if (kernel->session.worker)
        worker_pause(kernel->session.worker, congested);
    return more;
}

static void on_socket(void *context, uint32_t events)
{
    struct socket_watch *watch = context;
    (void)events;
    watch->kernel->sockets.touched[watch->channel] = true;
}

bool intake_watch(struct kernel *kernel, struct error *error)
{
    for (enum channel_name i = 0; i < CHANNELS; i++) {
        struct socket_watch *watch = &kernel->watches[i];
        /* Edge-triggered, as ZMQ_FD itself is: a socket that is not to be read now (a full queue)
         * must not keep the loop awake. */
        *watch = (struct socket_watch){
            {kernel->sockets.fd[i], EPOLLIN | EPOLLET, on_socket, watch}, kernel, i};
        if (!loop_watch(&kernel->loop, &watch->watch, error))
            return false;
    }
    return true;
}
