#include "protocol/received.h"

#include <errno.h>

void received_release(struct received *received)
{
    for (size_t i = 0; i < received->count; i++)
        zmq_msg_close(&received->parts[i]);
    received->count = 0;
}

static bool receive_part(void *socket, zmq_msg_t *part)
{
    zmq_msg_init(part);
    int size;
    do
        size = zmq_msg_recv(part, socket, ZMQ_DONTWAIT);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        zmq_msg_close(part);
    return size >= 0;
}

bool received_take(struct received *received, void *socket)
{
    bool more = true;
    received->count = 0;
    received->cut = false;
    while (more) {
        zmq_msg_t part;
        if (!receive_part(socket, &part)) {
            received_release(received);
            return false;
        }
        more = zmq_msg_more(&part);
        if (received->count == WIRE_FRAMES_MAX) {
            received->cut = true;
            zmq_msg_close(&part);
            continue;
        }
        /* A zmq_msg_t may hold its bytes inline, so they are looked at where it will stay. */
        zmq_msg_t *kept = &received->parts[received->count];
        zmq_msg_init(kept);
        zmq_msg_move(kept, &part);
        received->frames[received->count++] = (struct str){zmq_msg_data(kept), zmq_msg_size(kept)};
    }
    return true;
}
