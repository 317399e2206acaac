#include "evaluator/offspring.h"
#include "base/proc.h"
#include "evaluator/link.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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

/* A checkpoint that is about to go may have left the copy of its program behind, for a moment. */
static bool is_asleep(pid_t pid)
{
    char name[32];
    return proc_read(pid, "comm", name, sizeof name) && strcmp(name, LINK_SLEEPING_NAME "\n") == 0;
}

/* False also for one that has gone meanwhile. */
static bool may_print(const struct offspring *offspring, pid_t pid)
{
    pid_t group = getpgid(pid);
    return group >= 0 && !contains(offspring->doomed, OFFSPRING_DOOMED, group) && !is_asleep(pid);
}

/* Of this process; children of other threads than the main one are not asked for. */
static bool has_children(const struct offspring *offspring, const pid_t *except, size_t count)
{
    pid_t list[CHILDREN_MAX];
    size_t found = proc_children(getpid(), getpid(), list, CHILDREN_MAX);
    for (size_t i = 0; i < found; i++)
        if (!contains(except, count, list[i]) && may_print(offspring, list[i]))
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

/* No children at all, not even dead ones: asked first, because it is cheap. */
static bool is_childless(void)
{
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 && errno == ECHILD;
}

/* Children are waited for, and what they used is added up then; unless nobody has to wait for them. */
static bool has_reaped(struct offspring *offspring)
{
    struct rusage reaped;
    struct sigaction action;
    memset(&reaped, 0, sizeof reaped);
    bool told = getrusage(RUSAGE_CHILDREN, &reaped) == 0 &&
                sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
                !(action.sa_flags & SA_NOCLDWAIT);
    bool same = memcmp(&reaped, &offspring->reaped, sizeof reaped) == 0;
    offspring->reaped = reaped;
    return !told || !same;
}

bool offspring_exists(struct offspring *offspring, const struct offspring_known *known)
{
    bool reaped = has_reaped(offspring);
    if (!known->parents && is_childless()) {
        offspring->started = reaped;
        offspring->newest = 0;
        offspring->existed = false;
        return false;
    }
    long newest = newest_process(offspring);
    offspring->started = newest <= 0 || newest != offspring->newest;
    if (!offspring->existed && !offspring->started)
        return false;
    offspring->newest = newest;
    offspring->existed = has_children(offspring, known->pids, known->count) ||
                         have_children(known->pids + known->count - known->parents, known->parents);
    /* What others have started is nothing to us: ours would be there, or have been waited for. */
    offspring->started = offspring->existed || reaped || known->parents;
    return offspring->existed;
}

bool offspring_untouched(struct offspring *offspring)
{
    offspring->started = false;
    return offspring->existed;
}

bool offspring_started(const struct offspring *offspring)
{
    return offspring->started;
}

void offspring_accept(struct offspring *offspring)
{
    if (!offspring->existed)
        offspring->newest = newest_process(offspring);
    (void)has_reaped(offspring);
}

void offspring_doom(struct offspring *offspring, pid_t group)
{
    offspring->doomed[offspring->doomed_count++ % OFFSPRING_DOOMED] = group;
}
