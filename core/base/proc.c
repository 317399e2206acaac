#include "base/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool proc_read(pid_t pid, const char *name, char *out, size_t size)
{
    char path[96];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, out, size - 1);
    out[got > 0 ? got : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return got > 0;
}

unsigned long long proc_stat_field(const char *stat, int n)
{
    const char *at = strrchr(stat, ')');
    for (int field = 2; at && field < n; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

unsigned long long proc_number(const char *text, const char *key)
{
    size_t size = strlen(key);
    for (const char *at = strchr(text, '\n'); at; at = strchr(at, '\n')) {
        at++;
        if (strncmp(at, key, size) == 0 && at[size] == ':')
            return strtoull(at + size + 1, NULL, 10);
    }
    return 0;
}

/* The file has no size that could be known before, so it is read in pieces. */
size_t proc_children(pid_t pid, pid_t thread, pid_t *list, size_t max)
{
    char path[96], text[4096];
    size_t count = 0, kept = 0;
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, (long)thread);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    for (ssize_t size; count < max;) {
        size = read(fd, text + kept, sizeof text - 1 - kept);
        if (size <= 0)
            break;
        text[kept + (size_t)size] = '\0';
        char *at = text;
        /* Each number is followed by a space; one without may go on in the next piece. */
        for (char *space; count < max && (space = strchr(at, ' ')); at = space + 1)
            list[count++] = (pid_t)strtol(at, NULL, 10);
        kept = strlen(at);
        memmove(text, at, kept);
    }
    close(fd);
    return count;
}

size_t proc_all_children(pid_t pid, unsigned long long threads, pid_t *list, size_t max)
{
    size_t count = proc_children(pid, pid, list, max);
    char path[64];
    if (threads <= 1)
        return count;
    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
        if (thread > 0 && thread != pid)
            count += proc_children(pid, thread, list + count, max - count);
    }
    if (folder)
        closedir(folder);
    return count;
}

size_t proc_open_files(pid_t pid)
{
    char path[64];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}
