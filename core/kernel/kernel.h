/* The kernel: what `hilum run` runs. */
#ifndef HILUM_KERNEL_KERNEL_H
#define HILUM_KERNEL_KERNEL_H

#include "config/config.h"

/*
 * Serves the clients of the connection or registration file until a shutdown_request, SIGTERM or the end of the
 * process named in JPY_PARENT_PID. Returns the exit status; says on stderr why it cannot start.
 */
int kernel_main(const struct config *config, const char *connection_file);

#endif
