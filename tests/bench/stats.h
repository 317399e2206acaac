/* A growing list of measured numbers, and its percentiles. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

struct samples {
    double *values; /* owned; sorted by the first question asked */
    size_t count;
    size_t capacity;
};

/* A zeroed struct samples is an empty one. */
void samples_add(struct samples *samples, double value);
void samples_fini(struct samples *samples);

/* The smallest value that `share` (0 to 1) of the values do not exceed; 0 when there are none. */
double samples_percentile(struct samples *samples, double share);
double samples_median(struct samples *samples);

#endif
