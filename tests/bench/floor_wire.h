/*
 * The floor's side of the wire: sends messages of a real kernel's shape (identities or topic,
 * delimiter, signature, header, parent, metadata, content) from bytes that are there already.
 * The parent is the request's header frame, passed on unread; nothing is signed.
 */
#ifndef BENCH_FLOOR_WIRE_H
#define BENCH_FLOOR_WIRE_H

#include "span.h"

#include <zmq.h>

#define WIRE_FRAMES_MAX 32

struct wire_request {
    zmq_msg_t frames[WIRE_FRAMES_MAX];
    int count;
    int delimiter;
};

void wire_request_init(struct wire_request *request);
void wire_request_fini(struct wire_request *request);

/* False when there is none or it is no Jupyter message. Never waits. */
bool wire_receive(struct wire_request *request, void *socket) __attribute__((warn_unused_result));

struct span wire_header(const struct wire_request *request);
struct span wire_content(const struct wire_request *request);

/* `type` must be a literal: its header is made when it is first used. */
void wire_publish(void *iopub, const struct wire_request *parent, const char *type,
                  struct span content);
void wire_reply(void *socket, const struct wire_request *request, const char *type,
                struct span content);

/*
 * Publishes a stream message and takes `content`, which is closed in any case but one: false means
 * that the subscriber is behind, and the caller tries again with the same content later.
 */
bool wire_publish_stream(void *iopub, const struct wire_request *parent, zmq_msg_t *content)
    __attribute__((warn_unused_result));

#endif
