/* A program on two pipes that answers each line of input: ghci and the loop around the GHC API. */
#ifndef BENCH_PIPE_PROGRAM_H
#define BENCH_PIPE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pipe_program {
    pid_t pid; /* 0: not running */
    int input;
    int output;
};

/* The words end with a NULL. What the program writes to stderr goes where ours does. */
bool pipe_program_start(struct pipe_program *program, char *const words[])
    __attribute__((warn_unused_result));

/*
 * Writes the line and reads until `end` ends what came back. False when the program ends first,
 * or says nothing for a minute.
 */
bool pipe_program_ask(struct pipe_program *program, const char *line, const char *end,
                      size_t end_size) __attribute__((warn_unused_result));

/* Closes its input and waits for its end. */
void pipe_program_stop(struct pipe_program *program);

#endif
