/*
 * Metrics as text: Prometheus' text format 0.0.4, or OpenMetrics 1.0.0. They differ in the names of
 * families, in the head of counters and in the end.
 */
#ifndef HILUM_TELEMETRY_EXPOSITION_H
#define HILUM_TELEMETRY_EXPOSITION_H

#include "base/buffer.h"
#include "telemetry/metrics.h"

enum exposition { EXPOSITION_PROMETHEUS, EXPOSITION_OPENMETRICS };

/* The Content-Type. */
const char *exposition_type(enum exposition exposition);

/* What to answer to this value of Accept; NULL: there is none. */
enum exposition exposition_choose(const char *accept);

void exposition_write(const struct metrics *metrics, enum exposition exposition,
                      struct buffer *out);

#endif
