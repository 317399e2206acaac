#include "workspace.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GROUPS_MAX 512

static char directory[PATH_MAX];
static volatile pid_t groups[GROUPS_MAX]; /* 0: free; read by the signal handler */

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static void kill_groups(void)
{
    for (int i = 0; i < GROUPS_MAX; i++)
        if (groups[i] > 0)
            kill(-groups[i], SIGKILL);
    for (int i = 0; i < GROUPS_MAX; i++)
        if (groups[i] > 0)
            waitpid(groups[i], NULL, 0);
}

/*
 * Removing a directory is not safe in a handler by the letter of POSIX; the alternative is to leave
 * key files behind. Should it hang, the alarm ends it: the kernels are dead by then.
 */
static void on_end(int signal_number)
{
    alarm(2);
    workspace_close();
    _exit(128 + signal_number);
}

bool workspace_open(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/hilum-bench-XXXXXX",
             parent && *parent ? parent : "/tmp");
    if (!mkdtemp(directory)) {
        directory[0] = 0;
        return false;
    }
    char home[PATH_MAX + 8];
    snprintf(home, sizeof home, "%s/home", directory);
    if (mkdir(home, 0700) != 0)
        return false;
    struct sigaction action = {.sa_handler = on_end};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* What a kernel leaves behind becomes our child, so that it can be found. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return true;
}

void workspace_close(void)
{
    kill_groups();
    if (directory[0])
        nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    directory[0] = 0;
}

const char *workspace_directory(void)
{
    return directory;
}

void workspace_register(pid_t group)
{
    for (int i = 0; i < GROUPS_MAX; i++) {
        if (groups[i] == 0) {
            groups[i] = group;
            return;
        }
    }
    abort();
}

void workspace_unregister(pid_t group)
{
    for (int i = 0; i < GROUPS_MAX; i++)
        if (groups[i] == group)
            groups[i] = 0;
}

bool workspace_is_registered(pid_t group)
{
    for (int i = 0; i < GROUPS_MAX; i++)
        if (groups[i] == group)
            return true;
    return false;
}
