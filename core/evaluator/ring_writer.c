#include "evaluator/ring_writer.h"
#include "evaluator/ring_page.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Nobody prints so much that the head gets there before the kernel says where it wants to be woken. */
#define FAR ((uint32_t)1 << 31)

/* Memory that is zero again in a process that is forked off. */
static volatile bool *make_owned(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, size, MADV_WIPEONFORK) == 0)
        return page;
    munmap(page, size);
    return NULL;
}

static struct ring_page *map(int memory)
{
    struct stat status;
    if (fstat(memory, &status) < 0 || status.st_size != sizeof(struct ring_page))
        return NULL;
    void *page =
        mmap(NULL, sizeof(struct ring_page), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    return page == MAP_FAILED ? NULL : page;
}

bool ring_writer_open(struct ring_writer *writer, int memory, int wake)
{
    ring_writer_close(writer);
    *writer = (struct ring_writer){.page = map(memory), .owned = make_owned(), .wake = wake};
    close(memory);
    if (writer->page && writer->owned && atomic_load(&writer->page->version) == RING_VERSION) {
        ring_writer_own(writer);
        return true;
    }
    if (!writer->page)
        close(wake);
    ring_writer_close(writer);
    return false;
}

void ring_writer_close(struct ring_writer *writer)
{
    if (writer->page) {
        munmap(writer->page, sizeof *writer->page);
        close(writer->wake);
    }
    if (writer->owned)
        munmap((void *)(uintptr_t)writer->owned, (size_t)sysconf(_SC_PAGESIZE));
    *writer = (struct ring_writer){.wake = -1};
}

bool ring_writer_is_ours(const struct ring_writer *writer)
{
    return writer->page && *writer->owned;
}

void ring_writer_own(struct ring_writer *writer)
{
    if (!writer->page)
        return;
    writer->head = atomic_load(&writer->page->head);
    writer->mark_head = atomic_load(&writer->page->mark_head);
    writer->marked = false;
    *writer->owned = true;
}

void ring_writer_begin(const struct ring_writer *writer, int64_t id)
{
    if (ring_writer_is_ours(writer))
        atomic_store(&writer->page->begun, (uint32_t)id);
}

void ring_writer_consumed(const struct ring_writer *writer, uint32_t consumed[2])
{
    for (int i = 0; i < 2; i++)
        consumed[i] = atomic_load_explicit(&writer->page->consumed[i], memory_order_acquire);
}

/* A kernel that is asleep, or wants to know when there is so much, is told. */
static void wake(struct ring_writer *writer, uint32_t wake_at)
{
    const uint64_t one = 1;
    if (atomic_compare_exchange_strong(&writer->page->wake_at, &wake_at, writer->head + FAR) &&
        write(writer->wake, &one, sizeof one) < 0)
        return; /* user code closed it: the kernel looks when the cell is over */
}

/* Until the kernel has taken something. */
static bool wait_for_room(struct ring_writer *writer, uint32_t tail, bool (*interrupted)(void))
{
    struct ring_page *page = writer->page;
    wake(writer, atomic_load(&page->wake_at));
    atomic_store(&page->writer_waits, 1);
    if (atomic_load(&page->tail) != tail)
        return true;
    if (syscall(SYS_futex, &page->tail, FUTEX_WAIT, tail, NULL, NULL, 0) < 0 && errno == EINTR)
        return !interrupted();
    return true;
}

/* A mark for what comes next, unless the last one says the same. False: no room. */
static bool put_mark(struct ring_writer *writer, int stream)
{
    struct ring_page *page = writer->page;
    uint32_t after[2];
    ring_writer_consumed(writer, after);
    if (writer->marked && writer->stream == stream && writer->after[0] == after[0] &&
        writer->after[1] == after[1])
        return true;
    if (writer->mark_head - atomic_load_explicit(&page->mark_tail, memory_order_acquire) >=
        RING_MARKS)
        return false;
    page->marks[writer->mark_head % RING_MARKS] =
        (struct ring_mark){writer->head, (uint32_t)stream, {after[0], after[1]}};
    atomic_store_explicit(&page->mark_head, ++writer->mark_head, memory_order_release);
    writer->marked = true;
    writer->stream = stream;
    writer->after[0] = after[0];
    writer->after[1] = after[1];
    return true;
}

/* As much as fits. */
static size_t put_text(struct ring_writer *writer, struct str text, uint32_t room)
{
    struct ring_page *page = writer->page;
    uint32_t offset = writer->head % RING_SIZE;
    size_t size = text.size < room ? text.size : room;
    size_t first = size < RING_SIZE - offset ? size : RING_SIZE - offset;
    memcpy(page->text + offset, text.data, first);
    memcpy(page->text, text.data + first, size - first);
    writer->head += (uint32_t)size;
    /* In one order for both sides: either we see where the kernel wants to be woken, or it sees this
     * before it sleeps. */
    atomic_store(&page->head, writer->head);
    uint32_t wake_at = atomic_load(&page->wake_at);
    if (writer->head - wake_at < FAR)
        wake(writer, wake_at);
    return size;
}

bool ring_writer_put(struct ring_writer *writer, int stream, struct str text,
                     bool (*interrupted)(void))
{
    struct ring_page *page = writer->page;
    while (text.size) {
        uint32_t tail = atomic_load_explicit(&page->tail, memory_order_acquire);
        uint32_t used = writer->head - tail;
        if (used >= RING_SIZE || !put_mark(writer, stream)) {
            if (!wait_for_room(writer, tail, interrupted))
                return false;
            continue;
        }
        text = str_slice(text, put_text(writer, text, RING_SIZE - used), text.size);
    }
    return true;
}
