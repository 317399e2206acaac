#include "evaluator/offspring.h"
#include "base/proc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t offspring_children(pid_t parent, pid_t *list, size_t max)
{
    return proc_children(parent, parent, list, max);
}

/* Has `parent` a child other than `except`? */
static bool has_children(pid_t parent, pid_t except)
{
    pid_t list[2];
    size_t count = offspring_children(parent, list, 2);
    return count == 2 || (count == 1 && list[0] != except);
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

bool offspring_exists(struct offspring *offspring, pid_t worker)
{
    long newest = newest_process(offspring);
    if (!offspring->existed && newest > 0 && newest == offspring->newest)
        return false;
    offspring->newest = newest;
    offspring->existed = has_children(worker, 0) || has_children(getpid(), worker);
    return offspring->existed;
}
