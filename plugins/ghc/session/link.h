/* C support of the session program; called from Link.hs, Console.hs, Checkpoint.hs
 * and Limits.hs only. */
#ifndef HILUM_GHC_LINK_H
#define HILUM_GHC_LINK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Blocks until bytes are there. Descriptors that came along go to fds (the caller sets both to -1
 * before); more than two are closed. 0: end of the link; -1: errno. */
ssize_t hilum_link_receive(int fd, void *bytes, size_t size, int fds[2]);

/* Sends as much as can go at once, without waiting; the rest is for hilum_link_send. */
size_t hilum_link_try(int fd, const char *bytes, size_t size);

/* Sends all bytes, with a descriptor along unless `passed` is -1. 0 or -1 with errno. */
int hilum_link_send(int fd, const char *bytes, size_t size, int passed);

/* Starts a thread that ends the process as soon as the other end of the link is closed. 0 or an
 * error number. */
int hilum_link_watch(int fd);

/* A connected pair of close-on-exec stream sockets. 0 or -1 with errno. */
int hilum_link_pair(int fds[2]);

/* A close-on-exec duplicate out of the way of programs' descriptors, or -1. */
int hilum_keep_descriptor(int fd);

/* C's own stdout sends each line, as Haskell's does. */
void hilum_line_buffering(void);

/* Sends what C's streams have buffered. */
void hilum_flush(void);

/* Does the runtime collect garbage when there is nothing to do? */
void hilum_idle_collection(int on);

/* From now on a heap above so many bytes raises HeapOverflow. 0: no limit. */
void hilum_heap_limit(uint64_t bytes);

#endif
