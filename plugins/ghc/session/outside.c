/* The runtime that the program is linked with, on which the layout of what it shows depends. */
#define THREADED_RTS 1
#include "outside.h"

#include "Rts.h"

#include <poll.h>
#include <stdbool.h>

/* New descriptors get the lowest number that is free: a file that is open shows among these, unless
 * all of them are in use. */
#define LOOKED_AT   64
#define THREADS_MAX 256

int hilum_open_files(void)
{
    struct pollfd polls[LOOKED_AT];
    for (int i = 0; i < LOOKED_AT; i++)
        polls[i] = (struct pollfd){.fd = i};
    if (poll(polls, LOOKED_AT, 0) < 0)
        return -1;
    int open = 0;
    for (int i = 0; i < LOOKED_AT; i++)
        open += !(polls[i].revents & POLLNVAL);
    return open < LOOKED_AT ? open : -1;
}

/* There is one capability, and the caller has it: nobody changes the lists meanwhile. */
size_t hilum_threads(uint64_t *ids, size_t room)
{
    size_t count = 0;
    for (uint32_t i = 0; i < RtsFlags.GcFlags.generations; i++)
        for (StgTSO *thread = generations[i].threads; thread != END_TSO_QUEUE;
             thread = thread->global_link) {
            if (thread->what_next == ThreadComplete || thread->what_next == ThreadKilled)
                continue;
            if (count < room)
                ids[count] = thread->id;
            count++;
        }
    return count;
}

static bool is_among(uint64_t id, const uint64_t *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (known[i] == id)
            return true;
    return false;
}

int hilum_other_threads(const uint64_t *known, size_t count)
{
    uint64_t ids[THREADS_MAX];
    size_t found = hilum_threads(ids, THREADS_MAX);
    if (found > THREADS_MAX)
        return 1;
    for (size_t i = 0; i < found; i++)
        if (!is_among(ids[i], known, count))
            return 1;
    return 0;
}
