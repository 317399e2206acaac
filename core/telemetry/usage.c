#include "telemetry/usage.h"
#include "base/clock.h"
#include "base/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
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

/* Calls `visit` for `root` and its descendants, parents first, with the text of their stat. */
static void walk_tree(pid_t root, void (*visit)(void *context, pid_t pid, const char *stat),
                      void *context)
{
    pid_t *list = malloc(TREE_MAX * sizeof *list);
    if (!list)
        return;
    size_t count = 0;
    list[count++] = root;
    for (size_t i = 0; i < count; i++) {
        char stat[1024];
        if (!proc_read(list[i], "stat", stat, sizeof stat))
            continue;
        visit(context, list[i], stat);
        count +=
            proc_all_children(list[i], proc_stat_field(stat, 20), list + count, TREE_MAX - count);
    }
    free(list);
}

static int64_t ticks_to_us(unsigned long long ticks)
{
    return (int64_t)(ticks * 1000000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

static void add_process(void *context, pid_t pid, const char *stat)
{
    struct usage *usage = context;
    (void)pid;
    usage->cpu_seconds += (double)(proc_stat_field(stat, 14) + proc_stat_field(stat, 15)) /
                          (double)sysconf(_SC_CLK_TCK);
    usage->processes++;
}

void usage_of_tree(pid_t root, struct usage *usage)
{
    *usage = (struct usage){.processes = 0};
    walk_tree(root, add_process, usage);
}

/* ---- The session ---- */

struct session_walk {
    pid_t kernel;
    const char *asleep;
    bool reset;
    struct session_usage usage;
};

static bool has_name(const char *stat, const char *name)
{
    const char *open = strchr(stat, '('), *close = strrchr(stat, ')');
    return open && close && (size_t)(close - open - 1) == strlen(name) &&
           memcmp(open + 1, name, strlen(name)) == 0;
}

static void reset_peak(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/clear_refs", (long)pid);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "5", 1); /* proc(5): the peak is what is resident now */
    (void)written;                       /* an older kernel: the peak is that of its life */
    close(fd);
}

/* Its own time to the microsecond; that of the children that it has reaped in ticks. */
static int64_t cpu_of(pid_t pid, const char *stat)
{
    clockid_t clock;
    int64_t own = ticks_to_us(proc_stat_field(stat, 14) + proc_stat_field(stat, 15));
    if (clock_getcpuclockid(pid, &clock) == 0)
        own = clock_read_us(clock);
    return own + ticks_to_us(proc_stat_field(stat, 16) + proc_stat_field(stat, 17));
}

static void visit_session(void *context, pid_t pid, const char *stat)
{
    struct session_walk *walk = context;
    char status[4096];
    if (pid == walk->kernel)
        return;
    bool is_asleep = has_name(stat, walk->asleep);
    if (walk->reset && !is_asleep)
        reset_peak(pid);
    walk->usage.cpu_us += cpu_of(pid, stat);
    if (!walk->reset && !is_asleep && proc_read(pid, "status", status, sizeof status))
        walk->usage.peak_memory += 1024 * (int64_t)proc_number(status, "VmHWM");
}

void usage_of_session(pid_t kernel, const char *asleep, struct session_usage *usage)
{
    struct session_walk walk = {.kernel = kernel, .asleep = asleep};
    struct rusage dead;
    walk_tree(kernel, visit_session, &walk);
    if (getrusage(RUSAGE_CHILDREN, &dead) == 0)
        walk.usage.cpu_us += ((int64_t)dead.ru_utime.tv_sec + dead.ru_stime.tv_sec) * 1000000 +
                             dead.ru_utime.tv_usec + dead.ru_stime.tv_usec;
    *usage = walk.usage;
}

void usage_reset_peaks(pid_t kernel, const char *asleep)
{
    struct session_walk walk = {.kernel = kernel, .asleep = asleep, .reset = true};
    walk_tree(kernel, visit_session, &walk);
}

uint64_t usage_open_files(void)
{
    return proc_open_files(getpid());
}

/* ---- The host ---- */

bool usage_of_host(uint64_t *busy, uint64_t *total)
{
    char text[512];
    unsigned long long t[8] = {0}; /* user nice system idle iowait irq softirq steal */
    int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = '\0';
    if (sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3],
               &t[4], &t[5], &t[6], &t[7]) < 4)
        return false;
    *total = 0;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        *total += t[i];
    *busy = *total - t[3] - t[4];
    return true;
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
