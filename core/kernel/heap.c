#include "kernel/heap.h"

#include <malloc.h>

/* Above a stream message, which may take six times its text; and more than all that are in flight. */
#define MAPPED_FROM (1 << 20)
#define KEPT        (32 << 20)
#define REST_MS     1000

static void on_rest(void *context)
{
    struct heap *heap = context;
    if (heap->is_used)
        loop_start_timer(heap->loop, &heap->rest, REST_MS);
    else
        malloc_trim(0);
    heap->is_used = false;
}

void heap_init(struct heap *heap, struct loop *loop)
{
    *heap = (struct heap){.loop = loop, .rest = {.fire = on_rest, .context = heap}};
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    mallopt(M_TRIM_THRESHOLD, KEPT);
}

void heap_fini(struct heap *heap)
{
    loop_stop_timer(heap->loop, &heap->rest);
}

void heap_note(struct heap *heap)
{
    heap->is_used = true;
    if (!loop_timer_is_set(&heap->rest))
        loop_start_timer(heap->loop, &heap->rest, REST_MS);
}
