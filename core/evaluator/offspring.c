#include "evaluator/offspring.h"
#include "base/proc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than a caller excepts, so that one too many is seen. */
#define CHILDREN_MAX 64

size_t offspring_children(pid_t parent, pid_t *list, size_t max)
{
    return proc_children(parent, parent, list, max);
}

static bool contains(const pid_t *list, size_t count, pid_t pid)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == pid)
            return true;
    return false;
}

static bool has_children(const struct offspring *offspring, const pid_t *except,
                         size_t except_count)
{
    pid_t list[CHILDREN_MAX];
    size_t count = offspring_children(getpid(), list, CHILDREN_MAX);
    for (size_t i = 0; i < count; i++)
        if (!contains(except, except_count, list[i]) &&
            !contains(offspring->doomed, OFFSPRING_DOOMED, getpgid(list[i])))
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

bool offspring_exists(struct offspring *offspring, const pid_t *except, size_t count)
{
    long newest = newest_process(offspring);
    if (!offspring->existed && newest > 0 && newest == offspring->newest)
        return false;
    offspring->newest = newest;
    offspring->existed = has_children(offspring, except, count);
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
