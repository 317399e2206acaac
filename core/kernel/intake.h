/* Where messages enter: from the sockets, in turns, to the router and to who else wants them. */
#ifndef HILUM_KERNEL_INTAKE_H
#define HILUM_KERNEL_INTAKE_H

#include "base/loop.h"
#include "protocol/connection.h"

struct kernel;

struct socket_watch {
    struct loop_watch watch;
    struct kernel *kernel;
    enum channel_name channel;
};

/* Has the loop look at the sockets. */
bool intake_watch(struct kernel *kernel, struct error *error);

/* The loop's before_wait: takes in what the sockets have. `context` is the kernel. */
bool intake_before_wait(void *context);

/* Takes what the shell socket holds now into the queue. Only while a request is active, so that
 * nothing of it is started. */
void intake_take_shell(struct kernel *kernel);

#endif
