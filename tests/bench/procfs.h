/* What /proc says about a process and its descendants. */
#ifndef BENCH_PROCFS_H
#define BENCH_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESSES_MAX 256

/* A process; the start time tells it from another that gets the same pid later. */
struct process {
    pid_t pid;
    unsigned long long start_time;
};

/* A process and all its descendants, the root first. */
struct process_tree {
    struct process processes[PROCESSES_MAX];
    size_t count;
};

void process_tree_read(struct process_tree *tree, pid_t root);

/* Only the processes whose parent it is. */
void process_children_read(struct process_tree *children, pid_t parent);
bool process_is_alive(const struct process *process);

/* All in KiB; 0 when the process is gone. */
long process_pss(pid_t pid);
long process_peak_rss(pid_t pid);

/* User and system time, in clock ticks, and in nanoseconds as the scheduler counts it. */
long process_cpu_ticks(pid_t pid);
int64_t process_cpu_time(pid_t pid);

/* The sum of one of the figures above over the tree. */
int64_t process_tree_sum(const struct process_tree *tree, long (*figure)(pid_t));

#endif
