#include "telemetry/usage.h"
#include "base/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Deeper or more than this is no tree of a kernel; against loops while processes come and go. */
#define TREE_MAX 4096

/* NUL-terminated; empty when it cannot be read. */
static void read_meminfo(char *out, size_t size)
{
    int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, out, size - 1);
    out[got > 0 ? got : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

static void add_process(pid_t pid, struct usage *usage)
{
    char text[1024];
    if (!proc_read(pid, "stat", text, sizeof text))
        return;
    usage->cpu_seconds += (double)(proc_stat_field(text, 14) + proc_stat_field(text, 15)) /
                          (double)sysconf(_SC_CLK_TCK);
    usage->processes++;
}

void usage_of_tree(pid_t root, struct usage *usage)
{
    *usage = (struct usage){.processes = 0};
    pid_t *list = malloc(TREE_MAX * sizeof *list);
    if (!list)
        return;
    size_t count = 0;
    list[count++] = root;
    for (size_t i = 0; i < count; i++) {
        add_process(list[i], usage);
        /* Only the main thread's: a kernel's other threads start none. */
        count += proc_children(list[i], list[i], list + count, TREE_MAX - count);
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
    read_meminfo(text, sizeof text);
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
