/* One message as it came from a ZeroMQ socket. */
#ifndef HILUM_PROTOCOL_RECEIVED_H
#define HILUM_PROTOCOL_RECEIVED_H

#include "protocol/wire.h"

#include <zmq.h>

/* One received message; its frames borrow from the parts until received_release. */
struct received {
    zmq_msg_t parts[WIRE_FRAMES_MAX];
    struct str frames[WIRE_FRAMES_MAX];
    size_t count;
    bool cut; /* there were more than WIRE_FRAMES_MAX frames; the rest was dropped */
};

/* Takes one message from any socket. False when nothing is there. */
bool received_take(struct received *received, void *socket);
void received_release(struct received *received);

#endif
