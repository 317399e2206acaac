#include "floor_wire.h"

#include <stdio.h>
#include <stdlib.h>

#define HEADERS_MAX 16

/* Sizes as a kernel has them that uses UUIDs for its ids. */
#define SESSION "6f1d7a52-0c5b-4f5a-9a51-3a8f2f7f3f10"
#define TOPIC   "kernel." SESSION "." /* and the type */

static const char signature[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct made_header {
    const char *type; /* the literal's address identifies it */
    char text[320];
    size_t size;
    char topic[96];
    size_t topic_size;
};

static const struct made_header *header_of(const char *type)
{
    static struct made_header headers[HEADERS_MAX];
    struct made_header *header = headers;
    while (header < headers + HEADERS_MAX && header->type && header->type != type)
        header++;
    if (header == headers + HEADERS_MAX)
        abort();
    if (!header->type) {
        header->type = type;
        header->size = (size_t)snprintf(
            header->text, sizeof header->text,
            "{\"msg_id\":\"" SESSION "_4711\",\"msg_type\":\"%s\",\"username\":\"floor\","
            "\"session\":\"" SESSION "\",\"date\":\"2026-01-01T00:00:00.000000Z\","
            "\"version\":\"5.4\"}",
            type);
        header->topic_size =
            (size_t)snprintf(header->topic, sizeof header->topic, TOPIC "%s", type);
    }
    return header;
}

void wire_request_init(struct wire_request *request)
{
    memset(request, 0, sizeof *request);
    for (int i = 0; i < WIRE_FRAMES_MAX; i++)
        zmq_msg_init(&request->frames[i]);
}

void wire_request_fini(struct wire_request *request)
{
    for (int i = 0; i < WIRE_FRAMES_MAX; i++)
        zmq_msg_close(&request->frames[i]);
}

static struct span frame(const struct wire_request *request, int index)
{
    zmq_msg_t *message = (zmq_msg_t *)&request->frames[index]; /* libzmq 4.3 knows no const */
    return (struct span){zmq_msg_data(message), zmq_msg_size(message)};
}

bool wire_receive(struct wire_request *request, void *socket)
{
    int count = 0;
    request->delimiter = -1;
    bool more = true;
    while (more) {
        if (zmq_msg_recv(&request->frames[count], socket, count ? 0 : ZMQ_DONTWAIT) < 0)
            return false;
        if (request->delimiter < 0 && span_is(frame(request, count), "<IDS|MSG>"))
            request->delimiter = count;
        more = zmq_msg_more(&request->frames[count]);
        count += count + 1 < WIRE_FRAMES_MAX;
    }
    request->count = count;
    return request->delimiter >= 0 && request->delimiter + 5 < count;
}

struct span wire_header(const struct wire_request *request)
{
    return frame(request, request->delimiter + 2);
}

struct span wire_content(const struct wire_request *request)
{
    return frame(request, request->delimiter + 5);
}

/* The same frame once more, without copying its bytes. */
static void send_again(void *socket, const struct wire_request *request, int index)
{
    zmq_msg_t copy;
    zmq_msg_init(&copy);
    zmq_msg_copy(&copy, (zmq_msg_t *)&request->frames[index]);
    if (zmq_msg_send(&copy, socket, ZMQ_SNDMORE) < 0)
        zmq_msg_close(&copy);
}

static void send_constant(void *socket, struct span bytes, int flags)
{
    zmq_send_const(socket, bytes.data, bytes.size, flags);
}

/* Everything between the identities and the content. */
static void send_head(void *socket, const struct wire_request *parent,
                      const struct made_header *header)
{
    send_constant(socket, span_of("<IDS|MSG>"), ZMQ_SNDMORE);
    send_constant(socket, span_of(signature), ZMQ_SNDMORE);
    send_constant(socket, (struct span){header->text, header->size}, ZMQ_SNDMORE);
    send_again(socket, parent, parent->delimiter + 2);
    send_constant(socket, span_of("{}"), ZMQ_SNDMORE);
}

void wire_publish(void *iopub, const struct wire_request *parent, const char *type,
                  struct span content)
{
    const struct made_header *header = header_of(type);
    send_constant(iopub, (struct span){header->topic, header->topic_size}, ZMQ_SNDMORE);
    send_head(iopub, parent, header);
    send_constant(iopub, content, 0);
}

void wire_reply(void *socket, const struct wire_request *request, const char *type,
                struct span content)
{
    for (int i = 0; i < request->delimiter; i++)
        send_again(socket, request, i);
    send_head(socket, request, header_of(type));
    send_constant(socket, content, 0);
}

bool wire_publish_stream(void *iopub, const struct wire_request *parent, zmq_msg_t *content)
{
    const struct made_header *header = header_of("stream");
    if (zmq_send_const(iopub, header->topic, header->topic_size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return false;
    send_head(iopub, parent, header);
    if (zmq_msg_send(content, iopub, 0) < 0)
        zmq_msg_close(content);
    return true;
}
