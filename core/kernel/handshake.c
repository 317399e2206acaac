#include "kernel/handshake.h"
#include "kernel/state.h"
#include "telemetry/log.h"

/* Answers taken before the clients get their turn. */
#define STEPS_PER_TURN 16

static void stop(struct kernel *kernel, enum handshake_state state)
{
    struct handshake *handshake = &kernel->handshake;
    handshake->state = state;
    loop_stop_timer(&kernel->loop, &handshake->turn);
    loop_stop_timer(&kernel->loop, &handshake->repeat);
    loop_stop_timer(&kernel->loop, &handshake->limit);
    loop_unwatch(&kernel->loop, &handshake->watch);
    registration_close(&handshake->registration);
}

static void on_limit(void *context)
{
    struct kernel *kernel = context;
    stop(kernel, HANDSHAKE_FAILED);
    lifecycle_end(kernel);
}

/* Somebody else may be at the port, or an old service with another key; the right one may still
 * answer. One line, however many answers come. */
static void refuse(struct kernel *kernel, const struct error *error)
{
    struct handshake *handshake = &kernel->handshake;
    if (handshake->refused++)
        return;
    handshake->first_refusal = *error;
    log_warning("an answer from the registration service at %s was dropped: %s",
                kernel->lifecycle.connection.registration_endpoint, error->sentence);
}

static void take_answer(struct kernel *kernel)
{
    struct received *received = &kernel->received;
    struct error error;
    if (!received_take(received, kernel->handshake.registration.socket))
        return;
    bool good = registration_check(received->frames, received->count, &kernel->signer, &error);
    sockets_release(received);
    if (!good) {
        refuse(kernel, &error);
        return;
    }
    log_info("registered with %s", kernel->lifecycle.connection.registration_endpoint);
    stop(kernel, HANDSHAKE_DONE);
}

static void send_ports(struct kernel *kernel)
{
    struct handshake *handshake = &kernel->handshake;
    if (!registration_send(&handshake->registration, &kernel->signer,
                           buffer_str(&handshake->content)))
        return;
    handshake->due = false;
    handshake->sent++;
    loop_start_timer(&kernel->loop, &handshake->repeat, HANDSHAKE_REPEAT_MS);
}

static void advance(struct kernel *kernel)
{
    struct handshake *handshake = &kernel->handshake;
    for (int i = 0; i < STEPS_PER_TURN && handshake->state == HANDSHAKE_PENDING; i++) {
        int events = registration_events(&handshake->registration);
        if (events & ZMQ_POLLIN)
            take_answer(kernel);
        else if (handshake->due && events & ZMQ_POLLOUT)
            send_ports(kernel);
        else
            return;
    }
    if (handshake->state == HANDSHAKE_PENDING)
        loop_start_timer(&kernel->loop, &handshake->turn, 0);
}

static void on_turn(void *context)
{
    advance(context);
}

static void on_repeat(void *context)
{
    struct kernel *kernel = context;
    kernel->handshake.due = true;
    advance(kernel);
}

static void on_event(void *context, uint32_t events)
{
    (void)events;
    advance(context);
}

bool handshake_start(struct kernel *kernel, struct error *error)
{
    struct handshake *handshake = &kernel->handshake;
    const struct connection *connection = &kernel->lifecycle.connection;
    if (!connection->registration_endpoint)
        return true;
    registration_write(connection, &handshake->content);
    if (handshake->content.failed)
        return error_set(error, "out of memory");
    if (!registration_open(&handshake->registration, &kernel->sockets, connection, error))
        return false;
    handshake->state = HANDSHAKE_PENDING;
    handshake->due = true;
    handshake->watch =
        (struct loop_watch){handshake->registration.fd, EPOLLIN | EPOLLET, on_event, kernel};
    handshake->turn = (struct loop_timer){.fire = on_turn, .context = kernel};
    handshake->repeat = (struct loop_timer){.fire = on_repeat, .context = kernel};
    handshake->limit = (struct loop_timer){.fire = on_limit, .context = kernel};
    loop_start_timer(&kernel->loop, &handshake->limit, HANDSHAKE_LIMIT_MS);
    if (!loop_watch(&kernel->loop, &handshake->watch, error))
        return false;
    advance(kernel);
    return true;
}

bool handshake_succeeded(const struct kernel *kernel, struct error *error)
{
    const struct handshake *handshake = &kernel->handshake;
    if (handshake->state != HANDSHAKE_FAILED)
        return true;
    const char *endpoint = kernel->lifecycle.connection.registration_endpoint;
    if (handshake->refused)
        error_set(error, "%u answers, none of them an acknowledgement; the first: %s",
                  handshake->refused, handshake->first_refusal.sentence);
    else if (handshake->sent)
        error_set(error, "the ports were sent %u times and nobody acknowledged them",
                  handshake->sent);
    else
        error_set(error, "nobody listens there");
    return error_prefix(error, "the kernel could not register at %s within %d s", endpoint,
                        HANDSHAKE_LIMIT_MS / 1000);
}

void handshake_fini(struct kernel *kernel)
{
    if (kernel->handshake.state == HANDSHAKE_PENDING)
        stop(kernel, HANDSHAKE_NONE);
    registration_close(&kernel->handshake.registration);
    buffer_fini(&kernel->handshake.content);
}
