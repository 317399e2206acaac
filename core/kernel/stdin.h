/* Asking a client for input: input_request out on stdin, input_reply back to the worker. */
#ifndef HILUM_KERNEL_STDIN_H
#define HILUM_KERNEL_STDIN_H

#include "base/buffer.h"
#include "base/loop.h"
#include "evaluator/link.h"
#include "protocol/wire.h"

struct kernel;

struct stdin_question {
    bool waiting;
    uint64_t number; /* of the input_request among the messages sent */
    /* While the client cannot be reached: */
    struct buffer content;   /* what it will be asked */
    struct loop_timer retry; /* the next attempt */
    int64_t give_up;         /* in loop_now's milliseconds */
};

/* The worker asks. Whom: the client whose cell runs. Its connection to stdin may come up later than
 * the one to shell, so a client that cannot be reached is tried again for some seconds; then the
 * worker hears that input is not available. */
void stdin_ask(struct kernel *kernel, const struct link_message *message);

/* A message came on the stdin channel. Answers that nobody waits for are dropped. */
void stdin_receive(struct kernel *kernel, const struct wire_incoming *message);

/* The question is void: the cell ended or was interrupted. */
void stdin_forget(struct kernel *kernel);

void stdin_fini(struct kernel *kernel);

#endif
