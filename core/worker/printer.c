#include "worker/printer.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const int descriptors[2] = {STDOUT_FILENO, STDERR_FILENO};

void printer_init(struct printer *printer)
{
    *printer = (struct printer){.ring.wake = -1};
    printer_redirected(printer);
}

void printer_fini(struct printer *printer)
{
    ring_writer_close(&printer->ring);
}

void printer_share(struct printer *printer, int fds[2])
{
    if (fds[0] >= 0 && fds[1] >= 0)
        ring_writer_open(&printer->ring, fds[0], fds[1]);
    else if (fds[0] >= 0)
        close(fds[0]);
    fds[0] = fds[1] = -1;
    printer->in_order = false;
}

void printer_redirected(struct printer *printer)
{
    printer->in_order = printer->intact = false;
    for (int i = 0; i < 2; i++) {
        struct stat status = {.st_ino = 0};
        fstat(descriptors[i], &status);
        printer->pipes[i] = (struct printer_pipe){status.st_dev, status.st_ino};
    }
}

void printer_forget(struct printer *printer)
{
    printer->in_order = false;
}

enum pipe_state {
    PIPE_EMPTY,
    PIPE_WAITS,   /* the kernel has not read all of it yet */
    PIPE_REPLACED /* by user code */
};

static bool is_kernels(const struct printer *printer, int stream)
{
    struct stat status;
    return fstat(descriptors[stream], &status) == 0 && S_ISFIFO(status.st_mode) &&
           status.st_ino == printer->pipes[stream].inode &&
           status.st_dev == printer->pipes[stream].device;
}

static enum pipe_state fill_of(int stream)
{
    int waiting = 0;
    if (ioctl(descriptors[stream], FIONREAD, &waiting) < 0)
        return PIPE_REPLACED;
    return waiting ? PIPE_WAITS : PIPE_EMPTY;
}

static enum pipe_state state_of(const struct printer *printer, int stream)
{
    return is_kernels(printer, stream) ? fill_of(stream) : PIPE_REPLACED;
}

enum printer_way printer_choose(struct printer *printer, int stream)
{
    printer->in_order = false;
    if (!ring_writer_is_ours(&printer->ring))
        return PRINTER_NO_CHOICE;
    if (state_of(printer, stream) != PIPE_EMPTY)
        return PRINTER_PIPE;
    if (state_of(printer, !stream) == PIPE_WAITS)
        return PRINTER_SYNC;
    printer->in_order = true;
    return PRINTER_RING;
}

struct link_at printer_at(struct printer *printer, bool same)
{
    struct link_at at = {.known = false};
    if (!ring_writer_is_ours(&printer->ring))
        return at;
    if (!same || !printer->intact)
        printer->intact = is_kernels(printer, 0) && is_kernels(printer, 1);
    if (!printer->intact || fill_of(0) != PIPE_EMPTY || fill_of(1) != PIPE_EMPTY)
        return at;
    at.known = true;
    at.ring = printer->ring.head;
    ring_writer_consumed(&printer->ring, at.raw);
    return at;
}
