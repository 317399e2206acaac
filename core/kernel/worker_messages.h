/* What the worker sends while it serves: one table of types and what the kernel does with them. */
#ifndef HILUM_KERNEL_WORKER_MESSAGES_H
#define HILUM_KERNEL_WORKER_MESSAGES_H

#include "evaluator/link.h"

struct kernel;

/* `message` has a checked content. What was printed before it has been published. */
void worker_messages_take(struct kernel *kernel, const struct link_message *message);

#endif
