#include "protocol/registration.h"
#include "base/json_write.h"
#include "protocol/endpoint.h"

#include <errno.h>

#define DELIMITER STR("<IDS|MSG>")

/* IMMEDIATE: a message is queued for a service that is there and for no other, so that one that
 * comes late does not find a heap of repetitions. */
static bool connect_socket(struct registration *registration, const struct connection *connection)
{
    static const int no_linger = 0, immediate = 1;
    const char *endpoint = connection->registration_endpoint;
    size_t size = sizeof registration->fd;
    int ipv6 = strchr(endpoint, '[') != NULL;
    void *socket = registration->socket;
    return zmq_setsockopt(socket, ZMQ_LINGER, &no_linger, sizeof no_linger) == 0 &&
           zmq_setsockopt(socket, ZMQ_IMMEDIATE, &immediate, sizeof immediate) == 0 &&
           zmq_setsockopt(socket, ZMQ_IPV6, &ipv6, sizeof ipv6) == 0 &&
           zmq_connect(socket, endpoint) == 0 &&
           zmq_getsockopt(socket, ZMQ_FD, &registration->fd, &size) == 0;
}

bool registration_open(struct registration *registration, const struct sockets *sockets,
                       const struct connection *connection, struct error *error)
{
    *registration = (struct registration){zmq_socket(sockets->context, ZMQ_DEALER), -1};
    if (registration->socket && connect_socket(registration, connection))
        return true;
    error_set(error, "cannot connect to the registration service at %s: %s",
              connection->registration_endpoint, zmq_strerror(errno));
    registration_close(registration);
    return false;
}

void registration_close(struct registration *registration)
{
    if (registration->socket)
        zmq_close(registration->socket);
    *registration = (struct registration){NULL, -1};
}

int registration_events(const struct registration *registration)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt(registration->socket, ZMQ_EVENTS, &events, &size) == 0 ? events : 0;
}

void registration_write(const struct connection *connection, struct buffer *out)
{
    buffer_append(out, STR("{\"kernel_id\":"));
    json_write_string(out, str_of(connection->kernel_id));
    for (enum channel_name i = 0; i < CHANNELS; i++)
        buffer_append_format(out, ",\"%s_port\":\"%d\"", channel_name_text(i),
                             connection->ports[i]);
    buffer_append_byte(out, '}');
}

/* A signature goes over the frames as if they were one, so three empty ones make no difference. */
static void signed_frames(struct str content, struct str frames[SIGNER_FRAMES])
{
    frames[0] = content;
    for (size_t i = 1; i < SIGNER_FRAMES; i++)
        frames[i] = STR("");
}

bool registration_send(struct registration *registration, struct signer *signer, struct str content)
{
    struct str frames[SIGNER_FRAMES];
    char signature[SIGNER_HEX_SIZE];
    signed_frames(content, frames);
    struct str message[] = {
        DELIMITER, {signature, signer_sign(signer, frames, signature)}, content};
    for (size_t i = 0; i < 3; i++)
        if (zmq_send(registration->socket, message[i].data, message[i].size,
                     ZMQ_DONTWAIT | (i < 2 ? ZMQ_SNDMORE : 0)) < 0)
            return false;
    return true;
}

bool registration_check(const struct str *frames, size_t count, struct signer *signer,
                        struct error *error)
{
    struct str signed_part[SIGNER_FRAMES];
    size_t at = 0;
    while (at < count && !str_equal(frames[at], DELIMITER))
        at++;
    if (at == count)
        return error_set(error, "no <IDS|MSG> among %zu frames", count);
    if (count - at != 3)
        return error_set(error, "%zu frames after <IDS|MSG>, expected a signature and a content",
                         count - at - 1);
    signed_frames(frames[at + 2], signed_part);
    /* The same acknowledgement twice is none the worse: the request may have been sent twice. */
    return signer_verify(signer, signed_part, frames[at + 1]) != SIGNER_WRONG ||
           error_set(error, "the signature (%zu bytes) does not match the key",
                     frames[at + 1].size);
}
