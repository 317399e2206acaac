/* The operator's limits: from the config, and as the worker is told of them. */
#ifndef HILUM_KERNEL_GUARD_LIMITS_H
#define HILUM_KERNEL_GUARD_LIMITS_H

#include "config/config.h"
#include "guard/limits.h"

void guard_limits_read(const struct config *config, struct limits *limits);

/* Appends `"limits":{...}`, what a worker can enforce itself (docs/worker-protocol.md). */
void guard_limits_write(const struct config *config, struct buffer *out);

/* The same for a cell whose `%limit` line lowered something; false: nothing of that is the worker's
 * business, and nothing was appended. */
bool guard_limits_write_cell(const struct limits *cell, struct buffer *out);

#endif
