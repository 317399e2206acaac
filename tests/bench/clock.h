/* The one clock of all measurements. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_MS ((int64_t)1000000)
#define CLOCK_S  ((int64_t)1000000000)

/* Nanoseconds since some fixed moment. */
static inline int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * CLOCK_S + now.tv_nsec;
}

static inline void clock_sleep(int64_t nanoseconds)
{
    struct timespec span = {nanoseconds / CLOCK_S, nanoseconds % CLOCK_S};
    nanosleep(&span, NULL);
}

#endif
