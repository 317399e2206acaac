/* A fork of the session that sleeps: docs/worker-protocol.md, "Checkpoints". Called from
 * Checkpoint.hs only. */
#ifndef HILUM_GHC_SLEEP_H
#define HILUM_GHC_SLEEP_H

#include "HsFFI.h"

/*
 * Forks; returns the child's pid, or -1 with errno. The child leads a process group of its own,
 * closes `session` (the parent's link) and `other` (the other end of its own link) and sleeps, in a
 * single thread and without a runtime, until its link `own` brings something. Then the runtime
 * starts in it and runs `entry`, an IO () that never returns; SIGINT is ignored until that installs
 * a handler. The child exits when its link ends.
 */
int hilum_sleep_fork(HsStablePtr entry, int own, int other, int session);

/* The child is the session now, and is called like it. */
void hilum_sleep_is_over(void);

#endif
