#include "memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define MIB ((size_t)1 << 20)
/* Larger blocks have their own mapping, whatever the C library has learnt. */
#define LARGE (32 * MIB)

enum {
    CHUNK = 16, /* the C library's blocks are multiples of this, with a header */
    HEADER = 8,
    OTHERS_DIVISOR = 32, /* this part of the limit is left to what is not Lua's, and some MiB; */
    OTHERS_MIB = 4,
    OTHERS_MOST = 4,      /* at most this part of a small limit */
    TRIM_DIVISOR = 8,     /* freeing more than this part is worth a system call */
    RESERVE_DIVISOR = 64, /* this part of it a cell may take in any case */
};

static size_t size_of_block(size_t size)
{
    return size == 0 ? 0 : (size + HEADER + CHUNK - 1) / CHUNK * CHUNK;
}

/* The first touch of 25,000 pages takes longer than filling them. Lua fills what it asks for. */
static void use_large_pages(void *block, size_t size)
{
    const uintptr_t page = 4096;
    uintptr_t from = ((uintptr_t)block + page - 1) & ~(page - 1);
    uintptr_t to = ((uintptr_t)block + size) & ~(page - 1);
    madvise((void *)from, to - from, MADV_HUGEPAGE); /* without them it is only slower */
}

static void *allocate(void *context, void *block, size_t old_size, size_t size)
{
    struct memory *memory = context;
    size_t before = block ? size_of_block(old_size) : 0;
    size_t after = size_of_block(size);
    bool refused = memory->limit && after > before && memory->held - before + after > memory->limit;
    void *moved = NULL;
    if (size == 0)
        free(block);
    else if (refused || !(moved = realloc(block, size))) {
        memory->asked = size - (block ? old_size : 0);
        memory->had = memory->held;
        memory->by_system = !refused;
        return NULL;
    }
    if (size > LARGE && after > before)
        use_large_pages(moved, size);
    memory->held += after - before;
    if (memory->held > memory->most)
        memory->most = memory->held;
    return moved;
}

void memory_open(lua_State *L, struct memory *memory)
{
    memory->held = (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB);
    lua_setallocf(L, allocate, memory);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void memory_begin(lua_State *L, struct memory *memory, const struct hilum_host *host)
{
    memory->asked = 0;
    memory->limit = 0;
    if (!HILUM_HAS(host, limits))
        return;
    size_t most = (size_t)host->limits(host)->memory;
    if (!most)
        return;
    size_t others = smaller(OTHERS_MIB * MIB + most / OTHERS_DIVISOR, most / OTHERS_MOST);
    size_t reserve = MIB / 4 + most / RESERVE_DIVISOR;
    /* Garbage of earlier cells is not this one's. */
    if (memory->held > (most - others) / 2) {
        lua_gc(L, LUA_GCCOLLECT);
        malloc_trim(0);
    }
    memory->most = memory->held;
    memory->limit = most - others;
    if (memory->limit < memory->held + reserve)
        memory->limit = memory->held + reserve;
}

void memory_end(struct memory *memory)
{
    /* What the C library keeps for later counts as the session's. */
    if (memory->limit && memory->most - memory->held > memory->limit / TRIM_DIVISOR)
        malloc_trim(0);
    memory->limit = 0;
}
