/* What an execute_request asks for, read once from its content. */
#ifndef HILUM_KERNEL_CELL_H
#define HILUM_KERNEL_CELL_H

#include "kernel/request.h"

struct cell {
    struct str code; /* a JSON string, within the request */
    bool silent;
    bool stop_on_error;
    bool is_counted; /* it gets a number, and so a place in the history */
};

/* False: it has no code. */
bool cell_read(const struct request *request, struct cell *cell)
    __attribute__((warn_unused_result));

#endif
