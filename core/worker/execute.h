/* One execute_request inside the worker: compile, run, user expressions, reply. */
#ifndef HILUM_WORKER_EXECUTE_H
#define HILUM_WORKER_EXECUTE_H

#include "base/buffer.h"
#include "worker/content.h"
#include "worker/worker.h"

/* `content` is the request's; appends that of the reply to *reply. The code is worker->host.code.
 * True: the cell ended well. */
bool execute(struct worker *worker, const struct content *content, struct buffer *reply);

/* The evaluator has failed: sends an `error` message and appends a reply that says the same. */
void execute_report_error(struct worker *worker, struct buffer *reply);

#endif
