/* The time that only goes forward, whatever is done to the date. */
#ifndef HILUM_BASE_CLOCK_H
#define HILUM_BASE_CLOCK_H

#include <stdint.h>

/* Since some moment in the past: microseconds, milliseconds. */
int64_t clock_us(void);
int64_t clock_ms(void);

#endif
