/*
 * Who goes first when the machine runs out of memory: the session, not the kernel process nor the
 * checkpoint that can take the session's place. (proc(5), oom_score_adj.)
 */
#ifndef HILUM_WORKER_OOM_H
#define HILUM_WORKER_OOM_H

/* Makes this process, and the children it will start, the ones to kill. */
void oom_volunteer(void);

/* Undoes it, for this process alone. */
void oom_withdraw(void);

#endif
