/* Comm messages in the worker: a client's go to the evaluator, the evaluator's to the kernel. */
#ifndef HILUM_WORKER_COMMS_H
#define HILUM_WORKER_COMMS_H

#include "worker/content.h"

#include <hilum/evaluator.h>

struct worker;

/* Serves the request comm_open, comm_msg or comm_close in worker->request; answers comm_reply. */
void comms_serve(struct worker *worker, const struct content *content);

/* Members of the host table. */
enum hilum_status comms_open(const struct hilum_host *table,
                             const struct hilum_comm_message *message);
enum hilum_status comms_send(const struct hilum_host *table,
                             const struct hilum_comm_message *message);
enum hilum_status comms_close(const struct hilum_host *table,
                              const struct hilum_comm_message *message);

#endif
