/* What happens to requests and workers, counted for the metrics. */
#ifndef HILUM_KERNEL_TALLY_H
#define HILUM_KERNEL_TALLY_H

#include "evaluator/link.h"
#include "kernel/request.h"

#include <stdbool.h>

struct kernel;
struct session_loss;

/* The worker is sent a request, which may be a cell. */
void tally_sent(struct kernel *kernel, struct request *request);

/* Its reply came; the worker says in it what it spent. */
void tally_replied(struct kernel *kernel, struct request *request,
                   const struct link_message *message);

/* The active request is about to be answered with `content`. `is_cell`: the worker was sent it, and it
 * is a cell. */
void tally_finished(struct kernel *kernel, struct request *request, struct str content,
                    bool is_cell);

/* A request is over, with or without a reply. */
void tally_over(struct kernel *kernel, const struct request *request);

/* A worker is gone. To be called while it is still known what it was doing. */
void tally_lost(struct kernel *kernel, const struct session_loss *loss);

#endif
