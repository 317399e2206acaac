/* The time that only goes forward, whatever is done to the date. */
#ifndef HILUM_BASE_CLOCK_H
#define HILUM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Since some moment in the past: microseconds, milliseconds. */
int64_t clock_us(void);
int64_t clock_ms(void);

/* Of any clock of clock_gettime(2), in microseconds; 0: it is gone. */
int64_t clock_read_us(clockid_t clock);

#endif
