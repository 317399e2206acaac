/* Memory that lives as long as its owner: types and declarations point at one another freely. */
#ifndef FFI_ARENA_H
#define FFI_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
};

/* Zeroed memory, aligned for anything; NULL when there is none. */
void *arena_take(struct arena *arena, size_t size);

/* A NUL-terminated copy; NULL when there is no memory. */
const char *arena_copy(struct arena *arena, const char *text, size_t size);

void arena_free(struct arena *arena);

#endif
