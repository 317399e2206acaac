/* Comms. No evaluator has a target yet, so every comm that a client opens is closed again. */
#ifndef HILUM_KERNEL_COMMS_H
#define HILUM_KERNEL_COMMS_H

#include "kernel/router.h"

enum handled comms_handle_info(struct kernel *kernel, struct request *request);
enum handled comms_handle_open(struct kernel *kernel, struct request *request);

/* comm_msg and comm_close to comms that do not exist. */
enum handled comms_handle_ignored(struct kernel *kernel, struct request *request);

#endif
