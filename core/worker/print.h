/* Members of the host table: text for stdout and stderr, by the way that worker/printer.h chooses. */
#ifndef HILUM_WORKER_PRINT_H
#define HILUM_WORKER_PRINT_H

#include <hilum/evaluator.h>

void print_stream(const struct hilum_host *table, enum hilum_stream name, struct hilum_str text);
void print_stream_on(const struct hilum_host *table, enum hilum_stream name, struct hilum_str text);

#endif
