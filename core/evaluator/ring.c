#include "evaluator/ring.h"
#include "evaluator/ring_page.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(RING_HALF == RING_SIZE / 2, "half is not half");

struct ring {
    struct ring_page *page;
    int memory; /* -1: handed over */
    int wake;
    /* What the page says of the kernel's own counts is for the worker; these are what holds. */
    uint32_t tail;
    uint32_t mark_tail;
    uint32_t consumed[2];
    struct ring_mark mark; /* of the text at the tail; stream UINT32_MAX: there was none yet */
};

/* A file of memory that cannot be made smaller: a worker must not make us touch what is not there. */
static int make_memory(void)
{
    int fd = memfd_create("hilum-output", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && ftruncate(fd, sizeof(struct ring_page)) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

struct ring *ring_new(struct error *error)
{
    struct ring *ring = calloc(1, sizeof *ring);
    if (!ring) {
        error_set(error, "out of memory");
        return NULL;
    }
    ring->mark.stream = UINT32_MAX;
    ring->memory = make_memory();
    ring->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    void *page = ring->memory < 0 || ring->wake < 0
                     ? MAP_FAILED
                     : mmap(NULL, sizeof(struct ring_page), PROT_READ | PROT_WRITE, MAP_SHARED,
                            ring->memory, 0);
    if (page == MAP_FAILED) {
        error_set_errno(error, "cannot share memory with the worker");
        ring_free(ring);
        return NULL;
    }
    ring->page = page;
    atomic_store(&ring->page->wake_at, 1);
    atomic_store(&ring->page->version, RING_VERSION);
    return ring;
}

void ring_free(struct ring *ring)
{
    if (!ring)
        return;
    if (ring->page)
        munmap(ring->page, sizeof *ring->page);
    if (ring->memory >= 0)
        close(ring->memory);
    if (ring->wake >= 0)
        close(ring->wake);
    free(ring);
}

void ring_fds(const struct ring *ring, int fds[2])
{
    fds[0] = ring->memory;
    fds[1] = ring->wake;
}

void ring_handed_over(struct ring *ring)
{
    close(ring->memory);
    ring->memory = -1;
}

int ring_wake_fd(const struct ring *ring)
{
    return ring->wake;
}

uint32_t ring_count(struct ring *ring, int stream, uint32_t bytes)
{
    ring->consumed[stream] += bytes;
    atomic_store(&ring->page->consumed[stream], ring->consumed[stream]);
    return ring->consumed[stream];
}

bool ring_look(struct ring *ring, uint32_t *head)
{
    *head = atomic_load(&ring->page->head);
    return *head - ring->tail <= RING_SIZE;
}

uint32_t ring_begun(const struct ring *ring)
{
    return atomic_load(&ring->page->begun);
}

uint32_t ring_tail(const struct ring *ring)
{
    return ring->tail;
}

/* The next mark, copied once. False: there is none. */
static bool peek_mark(const struct ring *ring, uint32_t mark_head, struct ring_mark *mark)
{
    if (mark_head == ring->mark_tail)
        return false;
    memcpy(mark, &ring->page->marks[ring->mark_tail % RING_MARKS], sizeof *mark);
    return true;
}

enum ring_result ring_next(struct ring *ring, uint32_t until, struct ring_piece *piece)
{
    uint32_t mark_head = atomic_load(&ring->page->mark_head), left = until - ring->tail;
    struct ring_mark mark;
    if (mark_head - ring->mark_tail > RING_MARKS || left > RING_SIZE)
        return RING_NONSENSE;
    if (!left)
        return RING_END;
    while (peek_mark(ring, mark_head, &mark) && mark.at == ring->tail) {
        if (mark.stream > 1)
            return RING_NONSENSE;
        ring->mark = mark;
        ring->mark_tail++;
    }
    atomic_store(&ring->page->mark_tail, ring->mark_tail);
    if (ring->mark.stream > 1)
        return RING_NONSENSE;
    uint32_t size = left, offset = ring->tail % RING_SIZE;
    if (mark_head != ring->mark_tail && mark.at - ring->tail < size)
        size = mark.at - ring->tail;
    if (size > RING_SIZE - offset)
        size = RING_SIZE - offset;
    *piece = (struct ring_piece){
        .stream = (int)ring->mark.stream,
        .after = {ring->mark.after[0], ring->mark.after[1]},
        .text = {ring->page->text + offset, size},
    };
    return RING_PIECE;
}

void ring_take(struct ring *ring, uint32_t bytes)
{
    ring->tail += bytes;
    atomic_store(&ring->page->tail, ring->tail);
    if (atomic_load(&ring->page->writer_waits) && atomic_exchange(&ring->page->writer_waits, 0))
        syscall(SYS_futex, &ring->page->tail, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

bool ring_sleep(struct ring *ring, uint32_t bytes)
{
    atomic_store(&ring->page->wake_at, ring->tail + bytes);
    uint32_t there = atomic_load(&ring->page->head) - ring->tail;
    return there < bytes;
}
