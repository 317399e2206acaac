#include "telemetry/usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Deeper or more than this is no tree of a kernel; against loops while processes come and go. */
#define TREE_MAX 4096

/* A small file of /proc as a NUL-terminated text; empty when it cannot be read. */
static void read_proc(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, out, size - 1);
    out[got > 0 ? got : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

/* The n-th field (from 3) of stat: after the name, which may hold anything, spaces included. */
static unsigned long long stat_field(const char *stat, int n)
{
    const char *at = strrchr(stat, ')');
    for (int field = 2; at && field < n; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

static void add_process(pid_t pid, struct usage *usage)
{
    char path[64], text[1024];
    unsigned long long size, resident, shared;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
    read_proc(path, text, sizeof text);
    if (sscanf(text, "%llu %llu %llu", &size, &resident, &shared) != 3)
        return;
    if (resident > shared)
        usage->memory += (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    read_proc(path, text, sizeof text);
    usage->cpu_seconds +=
        (double)(stat_field(text, 14) + stat_field(text, 15)) / (double)sysconf(_SC_CLK_TCK);
    usage->processes++;
}

/* Appends the children of one thread to the list; returns the new count. */
static size_t add_thread(pid_t pid, long thread, pid_t *list, size_t count)
{
    char path[80], text[8192];
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, thread);
    read_proc(path, text, sizeof text);
    char *at = text, *end;
    for (long child; count < TREE_MAX && (child = strtol(at, &end, 10)) > 0 && end > at; at = end)
        list[count++] = (pid_t)child;
    return count;
}

/* The same for all threads of `pid`. */
static size_t add_children(pid_t pid, pid_t *list, size_t count)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    DIR *threads = opendir(path);
    for (struct dirent *entry; threads && (entry = readdir(threads));)
        if (entry->d_name[0] != '.')
            count = add_thread(pid, atol(entry->d_name), list, count);
    if (threads)
        closedir(threads);
    return count;
}

void usage_of_tree(pid_t root, struct usage *usage)
{
    *usage = (struct usage){.memory = 0};
    pid_t *list = malloc(TREE_MAX * sizeof *list);
    if (!list)
        return;
    size_t count = 0;
    list[count++] = root;
    for (size_t i = 0; i < count; i++) {
        add_process(list[i], usage);
        count = add_children(list[i], list, count);
    }
    free(list);
}

static unsigned long long meminfo(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    return at ? strtoull(at + strlen(key), NULL, 10) * 1024 : 0;
}

void usage_write_host_memory(struct buffer *out)
{
    static const char *const plain[][2] = {
        {"free", "MemFree:"},    {"active", "\nActive:"}, {"inactive", "\nInactive:"},
        {"buffers", "Buffers:"}, {"shared", "Shmem:"},    {"slab", "\nSlab:"},
    };
    char text[8192];
    read_proc("/proc/meminfo", text, sizeof text);
    unsigned long long total = meminfo(text, "MemTotal:");
    unsigned long long available = meminfo(text, "MemAvailable:");
    unsigned long long cached = meminfo(text, "\nCached:") + meminfo(text, "SReclaimable:");
    unsigned long long idle = meminfo(text, "MemFree:") + meminfo(text, "Buffers:") + cached;
    double percent = total ? 100.0 * (double)(total - available) / (double)total : 0;
    buffer_append_format(out, "{\"total\":%llu,\"available\":%llu,\"percent\":%.1f", total,
                         available, percent);
    buffer_append_format(out, ",\"used\":%llu,\"cached\":%llu", total > idle ? total - idle : 0,
                         cached);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        buffer_append_format(out, ",\"%s\":%llu", plain[i][0], meminfo(text, plain[i][1]));
    buffer_append_byte(out, '}');
}
