/* One Jupyter message as it came from a socket: its frames, and which of them is what. */
#ifndef BENCH_MESSAGE_H
#define BENCH_MESSAGE_H

#include "span.h"

#include <zmq.h>

/* Identities or topic, delimiter, five parts, and a few binary buffers. */
#define MESSAGE_FRAMES_MAX 16

enum message_part {
    PART_SIGNATURE = 1,
    PART_HEADER,
    PART_PARENT,
    PART_METADATA,
    PART_CONTENT,
};

enum message_kind {
    MESSAGE_OTHER,
    MESSAGE_BUSY,
    MESSAGE_IDLE,
    MESSAGE_EXECUTE_INPUT,
    MESSAGE_EXECUTE_RESULT,
    MESSAGE_STREAM,
    MESSAGE_ERROR,
    MESSAGE_EXECUTE_REPLY,
    MESSAGE_KERNEL_INFO_REPLY,
    MESSAGE_SHUTDOWN_REPLY,
};

enum receive_result {
    RECEIVED,
    NOTHING_THERE, /* with ZMQ_DONTWAIT, or after a signal */
    RECEIVED_NOISE /* something that is no Jupyter message */
};

struct message {
    zmq_msg_t frames[MESSAGE_FRAMES_MAX];
    int frame_count;
    int delimiter; /* index of "<IDS|MSG>" */
};

void message_init(struct message *message);
void message_fini(struct message *message);

/* Reads one whole message; its parts are valid until the next one is received into it. */
enum receive_result message_receive(struct message *message, void *socket, int flags)
    __attribute__((warn_unused_result));

struct span message_part(const struct message *message, enum message_part part);
enum message_kind message_kind(const struct message *message);
const char *message_kind_name(enum message_kind kind);

#endif
