/* A table from names to things that the caller owns. */
#ifndef FFI_NAMES_H
#define FFI_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct names {
    struct name_entry {
        const char *name; /* NUL-terminated; NULL: free */
        void *thing;
    } * entries;
    size_t count;
    size_t room; /* a power of two, or 0 */
};

/* The thing of this name, or NULL. */
void *names_find(const struct names *names, const char *name, size_t size);

/* Sets the thing of a name, which must stay valid. False: no memory. */
bool names_set(struct names *names, const char *name, void *thing);

void names_free(struct names *names);

#endif
