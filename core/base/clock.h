/* Time as a number. */
#ifndef HILUM_BASE_CLOCK_H
#define HILUM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_read_us(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) < 0)
        return 0;
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Monotonic microseconds. */
static inline int64_t clock_us(void)
{
    return clock_read_us(CLOCK_MONOTONIC);
}

#endif
