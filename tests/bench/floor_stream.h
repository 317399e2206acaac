/*
 * The floor for output: a child writes into a pipe, the parent reads 64 KiB at a time and sends
 * each piece as one message, its bytes as they are between the quotes of a stream message.
 */
#ifndef BENCH_FLOOR_STREAM_H
#define BENCH_FLOOR_STREAM_H

#include "floor_wire.h"

#include <sys/types.h>

struct floor_stream {
    int fd; /* -1: no cell is printing */
    pid_t child;
    struct wire_request *request; /* borrowed */
    zmq_msg_t blocked;            /* what the subscriber had no room for */
    bool is_blocked;
};

/* Starts the child when the code is "%lines N" or "%big N". False for other code. */
bool floor_stream_start(struct floor_stream *stream, struct wire_request *request)
    __attribute__((warn_unused_result));

/*
 * Passes on one piece. True when that was the end and the child is gone. Call it when fd is
 * readable, or, while is_blocked, every now and then.
 */
bool floor_stream_turn(struct floor_stream *stream, void *iopub)
    __attribute__((warn_unused_result));

#endif
