#include "client.h"

#include "clock.h"
#include "json_member.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define ID_DIGITS 10

static const struct {
    int type;
    enum port port;
} channels[CHANNEL_COUNT] = {
    [CHANNEL_SHELL] = {ZMQ_DEALER, PORT_SHELL},
    [CHANNEL_CONTROL] = {ZMQ_DEALER, PORT_CONTROL},
    [CHANNEL_IOPUB] = {ZMQ_SUB, PORT_IOPUB},
};

static void set_option(void *socket, int option, int value)
{
    zmq_setsockopt(socket, option, &value, sizeof value);
}

static void *open_socket(void *zmq, enum channel channel, int port, bool is_slow)
{
    char endpoint[64];
    void *socket = zmq_socket(zmq, channels[channel].type);
    if (!socket)
        return NULL;
    bool holds_little = is_slow && channel == CHANNEL_IOPUB;
    set_option(socket, ZMQ_LINGER, 0);
    set_option(socket, ZMQ_SNDHWM, 0);
    set_option(socket, ZMQ_RCVHWM, holds_little ? 1 : 0);
    set_option(socket, ZMQ_RECONNECT_IVL, 5);
    if (holds_little)
        set_option(socket, ZMQ_RCVBUF, 65536);
    if (channel == CHANNEL_IOPUB)
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port);
    if (zmq_connect(socket, endpoint) == 0)
        return socket;
    zmq_close(socket);
    return NULL;
}

void client_init(struct client *client, const struct connection *connection)
{
    char digits[65];
    memset(client, 0, sizeof *client);
    random_hex(digits);
    memcpy(client->session, digits, sizeof client->session - 1);
    hmac_sha256_set_key(&client->mac, strlen(connection->key), (const uint8_t *)connection->key);
}

bool client_connect(struct client *client, void *zmq, const struct connection *connection,
                    unsigned mask, bool is_slow)
{
    for (enum channel channel = 0; channel < CHANNEL_COUNT; channel++) {
        if (!(mask & CHANNEL_BIT(channel)))
            continue;
        int port = connection->ports[channels[channel].port];
        client->sockets[channel] = open_socket(zmq, channel, port, is_slow);
        if (!client->sockets[channel])
            return false;
    }
    return true;
}

void client_close(struct client *client)
{
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        if (client->sockets[i])
            zmq_close(client->sockets[i]);
        client->sockets[i] = NULL;
    }
}

/* The signature over the four signed parts. */
static void sign(struct client *client, const struct span parts[4], char signature[64])
{
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    for (int i = 0; i < 4; i++)
        hmac_sha256_update(&client->mac, parts[i].size, (const uint8_t *)parts[i].data);
    hmac_sha256_digest(&client->mac, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        signature[2 * i] = hex[digest[i] >> 4];
        signature[2 * i + 1] = hex[digest[i] & 15];
    }
}

void client_build(struct client *client, struct request *request, const char *type,
                  struct span content)
{
    request->id = ++client->last_id;
    request->content = content;
    request->header_size = (size_t)snprintf(
        request->header, sizeof request->header,
        "{\"msg_id\": \"%s_%0*llu\", \"msg_type\": \"%s\", \"username\": \"bench\", "
        "\"session\": \"%s\", \"date\": \"2026-01-01T00:00:00.000000Z\", \"version\": \"5.3\"}",
        client->session, ID_DIGITS, (unsigned long long)request->id, type, client->session);
    struct span parts[4] = {
        {request->header, request->header_size}, span_of("{}"), span_of("{}"), content};
    sign(client, parts, request->signature);
}

static bool send_part(void *socket, const void *data, size_t size, int flags)
{
    return zmq_send(socket, data, size, flags | ZMQ_DONTWAIT) == (int)size;
}

bool client_send(struct client *client, enum channel channel, const struct request *request)
{
    void *socket = client->sockets[channel];
    return send_part(socket, "<IDS|MSG>", 9, ZMQ_SNDMORE) &&
           send_part(socket, request->signature, sizeof request->signature, ZMQ_SNDMORE) &&
           send_part(socket, request->header, request->header_size, ZMQ_SNDMORE) &&
           send_part(socket, "{}", 2, ZMQ_SNDMORE) && send_part(socket, "{}", 2, ZMQ_SNDMORE) &&
           send_part(socket, request->content.data, request->content.size, 0);
}

enum receive_result client_receive(struct client *client, enum channel channel,
                                   struct message *message)
{
    return message_receive(message, client->sockets[channel], ZMQ_DONTWAIT);
}

void client_wait(struct client *client, unsigned mask, int64_t nanoseconds)
{
    zmq_pollitem_t items[CHANNEL_COUNT];
    int count = 0;
    for (enum channel channel = 0; channel < CHANNEL_COUNT; channel++)
        if ((mask & CHANNEL_BIT(channel)) && client->sockets[channel])
            items[count++] = (zmq_pollitem_t){client->sockets[channel], 0, ZMQ_POLLIN, 0};
    int64_t milliseconds = (nanoseconds + CLOCK_MS - 1) / CLOCK_MS;
    zmq_poll(items, count, (long)(milliseconds > 0 ? milliseconds : 0));
}

bool client_parent(const struct client *client, const struct message *message, uint64_t *id)
{
    struct span text;
    size_t prefix = sizeof client->session - 1;
    if (!json_member(message_part(message, PART_PARENT), "msg_id", &text) ||
        text.size != prefix + 1 + ID_DIGITS || memcmp(text.data, client->session, prefix))
        return false;
    *id = 0;
    for (size_t i = prefix + 1; i < text.size; i++)
        *id = *id * 10 + (uint64_t)(text.data[i] - '0');
    return true;
}

static bool header_is_complete(const json_t *header)
{
    static const char *const members[] = {"msg_id",   "session", "username",
                                          "msg_type", "version", "date"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!json_is_string(json_object_get(header, members[i])))
            return false;
    return true;
}

bool client_verify(struct client *client, const struct message *message, const char **why)
{
    struct span parts[4];
    char expected[64];
    struct span signature = message_part(message, PART_SIGNATURE);
    for (int i = 0; i < 4; i++)
        parts[i] = message_part(message, (enum message_part)(PART_HEADER + i));
    sign(client, parts, expected);
    if (signature.size != sizeof expected || memcmp(signature.data, expected, sizeof expected)) {
        *why = "a message has a wrong signature";
        return false;
    }
    for (int i = 0; i < 4; i++) {
        json_t *part = json_loadb(parts[i].data, parts[i].size, 0, NULL);
        bool is_good = json_is_object(part) && (i != 0 || header_is_complete(part));
        json_decref(part);
        if (!is_good) {
            *why = i == 0 ? "a message's header is incomplete" : "a part is no JSON object";
            return false;
        }
    }
    return true;
}
