/* Starts a kernel and makes sure that nothing of it is left. */
#ifndef BENCH_LAUNCH_H
#define BENCH_LAUNCH_H

#include "connection.h"
#include "kernels.h"

#include <sys/types.h>

struct kernel {
    const struct kernel_spec *spec;
    pid_t pid; /* 0: not running; leads its own process group */
    struct connection connection;
    struct command command;
    char **environment;
    bool is_suspect; /* something went wrong: kernel_stop shows what the kernel wrote to stderr */
};

/* Connection file, command line and environment: all that can be done before the clock starts. */
bool kernel_prepare(struct kernel *kernel, const struct kernel_spec *spec)
    __attribute__((warn_unused_result));

/* fork and exec. */
bool kernel_start(struct kernel *kernel) __attribute__((warn_unused_result));

/* Tries to connect until the kernel listens. False when it ends first or the time is over. */
bool kernel_await_port(struct kernel *kernel, enum port port, int64_t nanoseconds)
    __attribute__((warn_unused_result));

/* True also when it was never started. */
bool kernel_has_ended(const struct kernel *kernel);

/*
 * Kills what still runs of the kernel and its descendants, and releases what kernel_prepare made.
 * Returns NULL when nothing had to be killed, else a sentence about it: ask the kernel to shut
 * down first.
 */
const char *kernel_stop(struct kernel *kernel);

#endif
