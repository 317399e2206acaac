/* usage_request on control: what jupyter-resource-usage asks for and ipykernel answers. */
#ifndef HILUM_KERNEL_USAGE_REQUEST_H
#define HILUM_KERNEL_USAGE_REQUEST_H

#include "kernel/router.h"

struct usage_mark {
    double cpu_seconds;             /* at the last request */
    int64_t when;                   /* loop_now's milliseconds; 0: there was none */
    uint64_t host_busy, host_total; /* clock ticks of all processors at the last request */
};

enum handled usage_request_handle(struct kernel *kernel, struct request *request);

#endif
