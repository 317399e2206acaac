#include "evaluator/offspring.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* /proc knows the children of each thread. */
static size_t add_children(pid_t process, long thread, pid_t *list, size_t max)
{
    char path[80], text[4096];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)process, thread);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = '\0';
    char *at = text, *end;
    for (long child; count < max && (child = strtol(at, &end, 10)) > 0 && end > at; at = end)
        list[count++] = (pid_t)child;
    return count;
}

size_t offspring_children(pid_t parent, pid_t *list, size_t max)
{
    char path[64];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%ld/task", (long)parent);
    DIR *threads = opendir(path);
    for (struct dirent *entry; threads && count < max && (entry = readdir(threads));)
        if (entry->d_name[0] != '.')
            count += add_children(parent, atol(entry->d_name), list + count, max - count);
    if (threads)
        closedir(threads);
    return count;
}

static bool is_among(pid_t pid, const pid_t *list, size_t count)
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
        if (!is_among(list[i], own, own_count))
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

/* Have we adopted something that is neither the worker nor a part of it? */
static bool has_adopted(pid_t worker, const pid_t *own, size_t own_count)
{
    pid_t list[16];
    size_t count = offspring_children(getpid(), list, 16);
    for (size_t i = 0; i < count; i++)
        if (list[i] != worker && !is_among(list[i], own, own_count))
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

bool offspring_exists(struct offspring *offspring, pid_t worker, const pid_t *own, size_t own_count)
{
    pid_t list[16];
    long newest = newest_process(offspring);
    if (!offspring->existed && newest > 0 && newest == offspring->newest)
        return false;
    offspring->newest = newest;
    offspring->existed = offspring_of_worker(worker, own, own_count, list, 16) > 0 ||
                         has_adopted(worker, own, own_count);
    return offspring->existed;
}
