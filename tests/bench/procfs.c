#include "procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads a small file into text; "" when it cannot be read. */
static void read_text(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void read_text(char *text, size_t size, const char *format, ...)
{
    char path[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, text, size - 1);
    text[length > 0 ? length : 0] = 0;
    if (fd >= 0)
        close(fd);
}

struct stat_line {
    char state;
    pid_t parent;
    unsigned long long user, system, start_time;
};

static bool read_stat(pid_t pid, struct stat_line *line)
{
    char text[1024];
    read_text(text, sizeof text, "/proc/%d/stat", (int)pid);
    const char *rest = strrchr(text, ')'); /* the name before it may hold anything */
    return rest &&
           sscanf(rest + 1,
                  " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d "
                  "%*d %*d %llu",
                  &line->state, &line->parent, &line->user, &line->system, &line->start_time) == 5;
}

static void add_process(struct process_tree *tree, pid_t pid)
{
    struct stat_line line;
    if (tree->count < PROCESSES_MAX && read_stat(pid, &line) && line.state != 'Z')
        tree->processes[tree->count++] = (struct process){pid, line.start_time};
}

static void add_children(struct process_tree *tree, pid_t parent)
{
    DIR *directory = opendir("/proc");
    struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        struct stat_line line;
        pid_t pid = (pid_t)atoi(entry->d_name);
        if (pid > 0 && read_stat(pid, &line) && line.parent == parent)
            add_process(tree, pid);
    }
    if (directory)
        closedir(directory);
}

void process_tree_read(struct process_tree *tree, pid_t root)
{
    tree->count = 0;
    add_process(tree, root);
    for (size_t i = 0; i < tree->count; i++)
        add_children(tree, tree->processes[i].pid);
}

void process_children_read(struct process_tree *children, pid_t parent)
{
    children->count = 0;
    add_children(children, parent);
}

bool process_is_alive(const struct process *process)
{
    struct stat_line line;
    return read_stat(process->pid, &line) && line.state != 'Z' &&
           line.start_time == process->start_time;
}

/* The number behind `name` at the start of a line. */
static long number_after(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? strtol(at + strlen(name), NULL, 10) : 0;
}

long process_pss(pid_t pid)
{
    char text[2048];
    read_text(text, sizeof text, "/proc/%d/smaps_rollup", (int)pid);
    return number_after(text, "\nPss:");
}

long process_peak_rss(pid_t pid)
{
    char text[4096];
    read_text(text, sizeof text, "/proc/%d/status", (int)pid);
    return number_after(text, "\nVmHWM:");
}

long process_cpu_ticks(pid_t pid)
{
    struct stat_line line;
    return read_stat(pid, &line) ? (long)(line.user + line.system) : 0;
}

int64_t process_cpu_time(pid_t pid)
{
    char path[64], text[128];
    int64_t sum = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *directory = opendir(path);
    struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        read_text(text, sizeof text, "/proc/%d/task/%d/schedstat", (int)pid, atoi(entry->d_name));
        sum += strtoll(text, NULL, 10);
    }
    if (directory)
        closedir(directory);
    return sum;
}

int64_t process_tree_sum(const struct process_tree *tree, long (*figure)(pid_t))
{
    int64_t sum = 0;
    for (size_t i = 0; i < tree->count; i++)
        sum += figure(tree->processes[i].pid);
    return sum;
}
