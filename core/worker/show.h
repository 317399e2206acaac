/* Members of the host table: values in their representations, displayed or as the cell's result. */
#ifndef HILUM_WORKER_SHOW_H
#define HILUM_WORKER_SHOW_H

#include "base/buffer.h"

#include <hilum/evaluator.h>

struct host;

/* "data":{...},"metadata":{...} */
void show_write_bundle(struct host *host, struct buffer *out, const struct hilum_bundle *bundle);

void show_display(const struct hilum_host *table, const struct hilum_bundle *bundle);
void show_update_display(const struct hilum_host *table, const struct hilum_bundle *bundle);
void show_result(const struct hilum_host *table, const struct hilum_bundle *bundle);
void show_clear_output(const struct hilum_host *table, bool wait);

#endif
