/* Where the members of a record lie: the System V ABI's rules, with GCC's packed and aligned. */
#ifndef FFI_LAYOUT_H
#define FFI_LAYOUT_H

#include "ctype.h"

/* The record under construction. `bits` is the place behind the last member. */
struct layout {
    struct ctype *record;
    uint64_t bits;
    size_t align;
    size_t most_align; /* of #pragma pack, 0: no limit */
};

/* Places a member; `align` is what an attribute asks for, or 0. False: the record gets too large. */
bool layout_add(struct layout *layout, struct cfield *field, size_t align);

/* Sets size and alignment of the record. */
bool layout_end(struct layout *layout, size_t align);

#endif
