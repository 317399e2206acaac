/* The worker's life: hello, load, then one request after the other until told to shut down. */
#ifndef HILUM_WORKER_LIFE_H
#define HILUM_WORKER_LIFE_H

/* Serves the kernel over `fd` with the evaluator in `file`. Returns the exit status. */
int live(int fd, const char *file);

#endif
