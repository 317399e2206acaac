/* The dates in message headers: ISO 8601, as clients write them. */
#ifndef HILUM_PROTOCOL_DATE_H
#define HILUM_PROTOCOL_DATE_H

#include "base/str.h"

#include <stdint.h>

/*
 * "2026-11-24T01:28:20.070860Z", also with an offset, fewer digits or none, or a space for the T, as
 * microseconds since 1970. A date with fewer digits stands for the last instant that it can mean.
 * False when it is none.
 */
bool date_parse(struct str text, int64_t *microseconds);

/* Now, in the same unit. */
int64_t date_now(void);

#endif
