/* What becomes of the active request when the worker dies, and what the user is told of it. */
#ifndef HILUM_KERNEL_DEATH_H
#define HILUM_KERNEL_DEATH_H

struct kernel;
struct session_loss;

/* The worker is gone; the session has already seen to another one. */
void death_of_worker(struct kernel *kernel, const struct session_loss *loss);

#endif
