/* Runs a program to its end while interrupts are obeyed. */
#ifndef HILUM_GHC_CHILD_H
#define HILUM_GHC_CHILD_H

#include <hilum/evaluator.h>
#include <sys/types.h>

enum child_end {
    CHILD_SUCCEEDED, /* exit status 0 */
    CHILD_FAILED,
    CHILD_STOPPED, /* by an interrupt; the program was killed */
};

/* `out_fd` becomes its stdout, `err_fd` its stderr; -1: ours. */
enum child_end child_run(const struct hilum_host *host, const char *const *argv, int out_fd,
                         int err_fd);

/* Its first line of output, without the line end; at most size - 1 bytes. */
enum child_end child_ask(const struct hilum_host *host, const char *const *argv, char *line,
                         size_t size);

#endif
