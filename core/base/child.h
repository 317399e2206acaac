/*
 * Runs a program to its end and collects what it prints, within a time limit. For tools that ask
 * other programs short questions; the kernel's workers are not started by this.
 */
#ifndef HILUM_BASE_CHILD_H
#define HILUM_BASE_CHILD_H

#include "base/buffer.h"
#include "base/error.h"

enum child_end {
    CHILD_EXITED,
    CHILD_SIGNALLED,
    CHILD_OVERRAN, /* the time limit passed: killed */
    CHILD_FLOODED, /* it printed more than output.max: killed */
};

struct child {
    enum child_end end;
    int code;             /* the exit status or the signal */
    struct buffer output; /* its stdout; set output.max before the call */
};

/*
 * Starts argv[0] (searched in $PATH when it has no slash) in a process group of its own, with
 * stdin and stderr on /dev/null, and blocks until it has ended, at most `limit_ms`. What it leaves
 * running in its group is killed. False, with the error, when it could not be started or watched.
 * The caller frees output with buffer_fini in either case. Descriptors 0 to 2 must be open.
 */
bool child_run(struct child *child, const char *const *argv, int limit_ms, struct error *error)
    __attribute__((warn_unused_result));

#endif
