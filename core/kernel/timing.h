/*
 * `%%time`: what a cell used, told at its end. Also for every cell, with `cells.time`.
 *
 * CPU time and memory are those of the session's processes, as the kernel finds them in /proc before the
 * cell and after it; only cells that are to be reported pay for that.
 */
#ifndef HILUM_KERNEL_TIMING_H
#define HILUM_KERNEL_TIMING_H

#include "kernel/request.h"

struct kernel;

/* The worker is about to be sent a cell. */
void timing_begin(struct kernel *kernel, struct request *request);

/* It is over, and about to be answered. */
void timing_report(struct kernel *kernel, struct request *request);

#endif
