/*
 * Comms: the register of those that are open, and comm messages on their way between clients and the
 * evaluator. A client's message waits its turn on shell like a cell; what the evaluator does because
 * of it has it as parent. Whether there is a target of some name is the evaluator's to say.
 */
#ifndef HILUM_KERNEL_COMMS_H
#define HILUM_KERNEL_COMMS_H

#include "evaluator/link.h"
#include "kernel/router.h"

#define COMMS_MAX     10000 /* open at a time */
#define COMM_NAME_MAX 1024  /* bytes of a comm_id, of a target_name */

struct comms {
    struct comm *list; /* in the order in which they were opened */
    size_t count;
    size_t room;
};

void comms_fini(struct kernel *kernel);

/* Handlers for the router. */
enum handled comms_handle_info(struct kernel *kernel, struct request *request);
enum handled comms_handle_open(struct kernel *kernel, struct request *request);
enum handled comms_handle_message(struct kernel *kernel, struct request *request);

/* A client's comm message has been served, or could not be: a comm that was not accepted is closed
 * again. */
void comms_settle(struct kernel *kernel, struct request *request, bool accepted);

/* The evaluator opens a comm, says something on it or closes it. */
void comms_publish(struct kernel *kernel, const struct link_message *message);

/* The evaluator's state is that of an earlier step, which the session's step says: the comms that were
 * opened since are closed, and clients are told. */
void comms_lose(struct kernel *kernel);

#endif
