/*
 * Where the worker's own prints go: into the ring that it shares with the kernel, which costs no
 * system call, or into the pipes that are its stdout and stderr, when only that keeps the order with
 * what others write there.
 */
#ifndef HILUM_WORKER_PRINTER_H
#define HILUM_WORKER_PRINTER_H

#include "evaluator/link.h"
#include "evaluator/ring_writer.h"

#include <sys/types.h>

enum printer_way {
    PRINTER_RING,
    PRINTER_PIPE, /* what is in the pipe comes first, or it is no pipe of the kernel's any more */
    PRINTER_SYNC, /* the ring, when the kernel has read the other pipe */
    PRINTER_NO_CHOICE, /* there is no ring, or it is not this process's */
};

struct printer {
    struct ring_writer ring;
    struct printer_pipe {
        dev_t device;
        ino_t inode;
    } pipes[2];    /* what stdout and stderr were when they came from the kernel */
    bool in_order; /* the last print went into the ring, and nobody but us has printed since */
    bool intact;   /* when it was asked last, they were the kernel's */
};

void printer_init(struct printer *printer);
void printer_fini(struct printer *printer);

/* The kernel has sent the ring's descriptors, which are taken over. Without them nothing changes. */
void printer_share(struct printer *printer, int fds[2]);

/* Stdout and stderr are pipes that have just come from the kernel. */
void printer_redirected(struct printer *printer);

/* The order is not certain any more. */
void printer_forget(struct printer *printer);

/* Which way a print to `stream` (0: stdout, 1: stderr) has to go now. Asks the system. */
enum printer_way printer_choose(struct printer *printer, int stream);

/* The place of what is sent now; unknown when something waits in the pipes. Asks the system, but not
 * what stdout and stderr are when they are surely the same as when it was asked last. */
struct link_at printer_at(struct printer *printer, bool same);

#endif
