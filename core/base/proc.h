/* Reading /proc: what a process is and uses. Processes come and go meanwhile; one that is gone
 * reads as empty. */
#ifndef HILUM_BASE_PROC_H
#define HILUM_BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The file /proc/PID/NAME, or what fits of it, as a NUL-terminated text. False, and empty, when it
 * cannot be read. */
bool proc_read(pid_t pid, const char *name, char *out, size_t size);

/* The n-th field (from 3) of the text of stat: after the name, which may hold anything. */
unsigned long long proc_stat_field(const char *stat, int n);

/* The number after "\nKEY:" in a text such as status or smaps_rollup; 0: it is not there. */
unsigned long long proc_number(const char *text, const char *key);

/* Puts the children that one thread of a process has started into the list, at most `max`; returns how
 * many. */
size_t proc_children(pid_t pid, pid_t thread, pid_t *list, size_t max);

/* The same for all threads; `threads` is their number, as stat says. */
size_t proc_all_children(pid_t pid, unsigned long long threads, pid_t *list, size_t max);

/* How many descriptors a process has open. */
size_t proc_open_files(pid_t pid);

#endif
