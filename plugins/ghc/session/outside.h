/* What a session has that a copy of its memory does not bring back. */
#ifndef HILUM_OUTSIDE_H
#define HILUM_OUTSIDE_H

#include <stddef.h>
#include <stdint.h>

/* Open descriptors, of those that have low numbers, as new ones do; -1 when that cannot be told. */
int hilum_open_files(void);

/* Threads of Haskell code that have not ended and are none of these. Called with the runtime held. */
int hilum_other_threads(const uint64_t *known, size_t count);

/* Those threads; how many there are, which may be more than there is room for. */
size_t hilum_threads(uint64_t *ids, size_t room);

#endif
