/* Checkpoints: a program that can makes a sleeping copy of itself for each copy of the worker. */
#ifndef HILUM_PROGRAM_COPY_H
#define HILUM_PROGRAM_COPY_H

#include <stdint.h>
#include <sys/types.h>

/* How many copies are known as such, the latest; more than ever sleep at the same time. */
#define COPIES_MAX 30

/* One that the worker is about to fork for. */
struct program_copy {
    pid_t pid;
    int link; /* our end of its link; -1: there is none */
};

#endif
