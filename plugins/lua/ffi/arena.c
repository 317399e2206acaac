#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16 * 1024, ALIGNMENT = alignof(max_align_t) };

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t room;
    max_align_t bytes[];
};

static struct arena_block *new_block(size_t room)
{
    if (room < BLOCK_BYTES)
        room = BLOCK_BYTES;
    struct arena_block *block = calloc(1, sizeof(*block) + room);
    if (block)
        block->room = room;
    return block;
}

void *arena_take(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!arena->blocks || arena->blocks->room - arena->blocks->used < size) {
        struct arena_block *block = new_block(size);
        if (!block)
            return NULL;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *taken = (char *)arena->blocks->bytes + arena->blocks->used;
    arena->blocks->used += size;
    return taken;
}

const char *arena_copy(struct arena *arena, const char *text, size_t size)
{
    char *copy = arena_take(arena, size + 1);
    if (copy && size)
        memcpy(copy, text, size);
    return copy;
}

void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
}
