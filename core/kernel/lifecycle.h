/*
 * What ends the kernel: signals, the end of the process that started it, shutdown_request.
 */
#ifndef HILUM_KERNEL_LIFECYCLE_H
#define HILUM_KERNEL_LIFECYCLE_H

#include "base/loop.h"
#include "kernel/router.h"
#include "protocol/connection.h"

#include <sys/types.h>

struct lifecycle {
    struct connection connection;
    struct loop_watch signals;
    struct loop_watch parent;
    pid_t parent_pid; /* looked at now and then where it cannot be watched */
    struct loop_timer parent_check;
    struct loop_timer stop;     /* set when the end was decided: begins it after `idle` */
    struct loop_timer deadline; /* the end, whatever the worker does */
};

/* Blocks the signals that the kernel handles; before anything starts a thread. */
bool lifecycle_block_signals(struct kernel *kernel, struct error *error);

/* Watches signals and the parent process. */
bool lifecycle_watch(struct kernel *kernel, struct error *error);
void lifecycle_fini(struct kernel *kernel);

/* Ends the kernel soon: after the current request's idle. */
void lifecycle_end(struct kernel *kernel);

/* The session's worker may be gone, which the end waits for. */
void lifecycle_session_changed(struct kernel *kernel);

enum handled lifecycle_handle_shutdown(struct kernel *kernel, struct request *request);

#endif
