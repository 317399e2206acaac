/*
 * Everything that has to be gone when the benchmark ends, however it ends: the temporary directory
 * and the running kernels. A signal that ends the benchmark cleans up first; should the benchmark
 * be killed outright, PDEATHSIG takes the kernels with it.
 */
#ifndef BENCH_WORKSPACE_H
#define BENCH_WORKSPACE_H

#include <stdbool.h>
#include <sys/types.h>

/* Makes the directory (mode 0700) under $TMPDIR or /tmp and takes over SIGINT, SIGTERM, SIGHUP. */
bool workspace_open(void) __attribute__((warn_unused_result));

/* Kills what is registered and removes the directory. */
void workspace_close(void);

const char *workspace_directory(void);

/* A process group to be killed at the end. */
void workspace_register(pid_t group);
void workspace_unregister(pid_t group);
bool workspace_is_registered(pid_t group);

#endif
