/* How many columns of a terminal text takes: East Asian characters take two, combining ones none. */
#ifndef HILUM_BASE_WIDTH_H
#define HILUM_BASE_WIDTH_H

#include <stdint.h>

/* Columns of a code point that can be shown (no control character): 0, 1 or 2. What is ambiguous
 * takes 1, as in terminals outside East Asia. */
int width_of(uint32_t code_point);

#endif
