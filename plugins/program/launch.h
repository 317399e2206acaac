/* Starts a program with a link, and says in words how it ended. */
#ifndef HILUM_PROGRAM_LAUNCH_H
#define HILUM_PROGRAM_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Where the program finds its end of the link; HILUM_LINK_FD says so too. */
#define LAUNCH_LINK_FD 3

/*
 * Runs argv (NULL-terminated; the program is searched on the PATH unless it has a slash) with
 * `environment` ("NAME=value", NULL-terminated, may be NULL) added to our own. The program is in
 * our process group, dies with us, and has our stdin, stdout and stderr and its link. *link is our
 * end, close-on-exec. False with a sentence when it cannot be started; then nothing is left behind.
 */
bool launch(const char *const *argv, const char *const *environment, pid_t *pid, int *link,
            char *problem, size_t size) __attribute__((warn_unused_result));

/* Reaps the program, which has closed its link: it gets `grace_ms` to end by itself before it is
 * killed. Writes how it ended: "was killed by signal 9 (SIGKILL: Killed)". */
void launch_reap(pid_t pid, int grace_ms, char *how, size_t size);

#endif
