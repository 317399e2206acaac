/* Interrupts: of the user, of a client, of a limit. */
#ifndef HILUM_KERNEL_STOP_H
#define HILUM_KERNEL_STOP_H

#include "kernel/request.h"

struct kernel;

/* Stops what runs and dooms what waits; nothing when nothing runs. */
void stop_everything(struct kernel *kernel);

/* interrupt_request. */
enum handled stop_handle_interrupt(struct kernel *kernel, struct request *request);

/* The worker is told to stop what it was sent; after the grace period it is killed. */
void stop_worker(struct kernel *kernel);

/* The grace period is over; `context` is the kernel. */
void stop_give_up(void *context);

#endif
