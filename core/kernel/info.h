/* kernel_info and connect: what this kernel is and where it listens. */
#ifndef HILUM_KERNEL_INFO_H
#define HILUM_KERNEL_INFO_H

#include "kernel/router.h"

enum handled info_handle(struct kernel *kernel, struct request *request);
enum handled info_handle_connect(struct kernel *kernel, struct request *request);

/* The evaluator said hello, or never will: answers those who waited for it. */
void info_session_changed(struct kernel *kernel);

#endif
