#include "evaluator/offspring.h"
#include "base/proc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than a caller excepts, so that one too many is seen. */
#define CHILDREN_MAX 96
/* The number of threads among the fields of /proc/PID/stat. */
#define STAT_THREADS 20

size_t offspring_children(pid_t parent, pid_t *list, size_t max)
{
    char stat[1024];
    if (!proc_read(parent, "stat", stat, sizeof stat))
        return 0;
    return proc_all_children(parent, proc_stat_field(stat, STAT_THREADS), list, max);
}

static bool contains(const pid_t *list, size_t count, pid_t pid)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == pid)
            return true;
    return false;
}

/* Adds the children of `parent` that are not part of the worker; returns the new count. */
static size_t add_strangers(pid_t parent, const pid_t *own, size_t own_count, pid_t *list,
                            size_t count, size_t max)
{
    size_t end = count + offspring_children(parent, list + count, max - count);
    for (size_t i = count; i < end; i++)
        if (!contains(own, own_count, list[i]))
            list[count++] = list[i];
    return count;
}

size_t offspring_of_worker(pid_t worker, const pid_t *own, size_t own_count, pid_t *list,
                           size_t max)
{
    size_t count = add_strangers(worker, own, own_count, list, 0, max);
    for (size_t i = 0; i < own_count; i++)
        count = add_strangers(own[i], own, own_count, list, count, max);
    return count;
}

/* Of this process; children of other threads than the main one are not asked for. */
static bool has_children(const struct offspring *offspring, const pid_t *except, size_t count)
{
    pid_t list[CHILDREN_MAX];
    size_t found = proc_children(getpid(), getpid(), list, CHILDREN_MAX);
    for (size_t i = 0; i < found; i++)
        if (!contains(except, count, list[i]) &&
            !contains(offspring->doomed, OFFSPRING_DOOMED, getpgid(list[i])))
            return true;
    return false;
}

static bool have_children(const pid_t *own, size_t count)
{
    pid_t list[CHILDREN_MAX];
    for (size_t i = 0; i < count; i++)
        if (add_strangers(own[i], own, count, list, 0, CHILDREN_MAX))
            return true;
    return false;
}

void offspring_init(struct offspring *offspring)
{
    *offspring = (struct offspring){.loadavg = open("/proc/loadavg", O_RDONLY | O_CLOEXEC)};
}

void offspring_fini(struct offspring *offspring)
{
    if (offspring->loadavg >= 0)
        close(offspring->loadavg);
    offspring->loadavg = -1;
}

/* The number of the newest process on this system; 0 when that is not known. */
static long newest_process(const struct offspring *offspring)
{
    char text[128];
    ssize_t size =
        offspring->loadavg < 0 ? -1 : pread(offspring->loadavg, text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    const char *last = strrchr(text, ' ');
    return last ? strtol(last, NULL, 10) : 0;
}

bool offspring_exists(struct offspring *offspring, const struct offspring_known *known)
{
    long newest = newest_process(offspring);
    if (!offspring->existed && newest > 0 && newest == offspring->newest)
        return false;
    offspring->newest = newest;
    offspring->existed = has_children(offspring, known->pids, known->count) ||
                         have_children(known->pids + known->count - known->parents, known->parents);
    return offspring->existed;
}

void offspring_accept(struct offspring *offspring)
{
    if (!offspring->existed)
        offspring->newest = newest_process(offspring);
}

void offspring_doom(struct offspring *offspring, pid_t group)
{
    offspring->doomed[offspring->doomed_count++ % OFFSPRING_DOOMED] = group;
}
