/* What `%status` shows: the session, what it uses and may use, and what waits. */
#ifndef HILUM_KERNEL_STATUS_H
#define HILUM_KERNEL_STATUS_H

struct kernel;

/* Publishes it as a display of the request that is being started. */
void status_show(struct kernel *kernel);

#endif
