/* What the packages that come with GHC lack: descriptors over sockets, and a guard that ends the
 * process when the driver is gone even while Haskell code holds the runtime. */
#define _GNU_SOURCE
#include "link.h"

#include "Rts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    struct cmsghdr header;
    char space[CMSG_SPACE(4 * sizeof(int))];
};

static ssize_t take_descriptors(struct msghdr *message, int fds[2], ssize_t got)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
            if (i < 2 && fds[i] < 0)
                fds[i] = fd;
            else
                close(fd);
        }
    }
    return got;
}

ssize_t hilum_link_receive(int fd, void *bytes, size_t size, int fds[2])
{
    for (;;) {
        union control control;
        struct iovec span = {.iov_base = bytes, .iov_len = size};
        struct msghdr message = {
            .msg_iov = &span,
            .msg_iovlen = 1,
            .msg_control = &control,
            .msg_controllen = sizeof control,
        };
        ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        if (got >= 0)
            return take_descriptors(&message, fds, got);
        if (errno != EINTR)
            return -1;
    }
}

static ssize_t send_piece(int fd, const char *bytes, size_t size, int passed)
{
    union control control;
    memset(&control, 0, sizeof control);
    struct iovec span = {.iov_base = (void *)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &span, .msg_iovlen = 1};
    if (passed >= 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof passed);
        struct cmsghdr *part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof passed);
        memcpy(CMSG_DATA(part), &passed, sizeof passed);
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

size_t hilum_link_try(int fd, const char *bytes, size_t size)
{
    ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent > 0 ? (size_t)sent : 0;
}

int hilum_link_send(int fd, const char *bytes, size_t size, int passed)
{
    while (size > 0) {
        ssize_t sent = send_piece(fd, bytes, size, passed);
        if (sent < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        passed = -1;
        bytes += sent;
        size -= (size_t)sent;
    }
    return 0;
}

static void *watch(void *argument)
{
    struct pollfd link = {.fd = (int)(intptr_t)argument, .events = POLLRDHUP};
    while (poll(&link, 1, -1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

int hilum_link_watch(int fd)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, NULL, watch, (void *)(intptr_t)fd);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed)
        pthread_detach(thread);
    return failed;
}

int hilum_link_pair(int fds[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
}

int hilum_keep_descriptor(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 10);
}

void hilum_line_buffering(void)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

void hilum_flush(void)
{
    fflush(stdout);
    fflush(stderr);
}

void hilum_idle_collection(int on)
{
    RtsFlags.GcFlags.doIdleGC = on != 0;
}

void hilum_heap_limit(uint64_t bytes)
{
    uint64_t blocks = bytes / BLOCK_SIZE;
    RtsFlags.GcFlags.maxHeapSize = blocks > UINT32_MAX ? UINT32_MAX : (uint32_t)blocks;
    /* Room for the handler of the heap overflow to print and clean up. */
    RtsFlags.GcFlags.heapLimitGrace = 16 * 1024 * 1024;
}
