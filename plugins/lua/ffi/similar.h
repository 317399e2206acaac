/* Names that look like one that was not found. */
#ifndef FFI_SIMILAR_H
#define FFI_SIMILAR_H

#include <stddef.h>

enum { SIMILAR_MOST = 3, SIMILAR_BYTES = 128 };

struct similar {
    const char *wanted;
    size_t count;
    struct {
        char name[SIMILAR_BYTES];
        int distance;
    } best[SIMILAR_MOST]; /* the nearest first */
};

/* Takes the name in if it is among the nearest. Its type fits callbacks: context is the struct. */
void similar_offer(void *similar, const char *name);

#endif
