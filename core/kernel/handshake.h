/*
 * The start of a kernel that was given a registration file: it tells the registration service its
 * ports and ends when nobody acknowledges that. Meanwhile it serves clients as ever.
 */
#ifndef HILUM_KERNEL_HANDSHAKE_H
#define HILUM_KERNEL_HANDSHAKE_H

#include "base/loop.h"
#include "protocol/registration.h"

/* How long the kernel waits for the acknowledgement. The specification leaves it to the kernel;
 * xeus and ark take 5 s, too short for a launcher that is starting dozens of kernels. */
#define HANDSHAKE_LIMIT_MS 10000
/* After this time without an acknowledgement the ports are sent again: the service may have been
 * started anew in between. */
#define HANDSHAKE_REPEAT_MS 2000

struct kernel;

enum handshake_state {
    HANDSHAKE_NONE, /* the kernel was given a connection file */
    HANDSHAKE_PENDING,
    HANDSHAKE_DONE,
    HANDSHAKE_FAILED,
};

struct handshake {
    enum handshake_state state;
    struct registration registration;
    struct buffer content;
    bool due;         /* to be sent as soon as the service is connected */
    unsigned sent;    /* how many times */
    unsigned refused; /* answers that were no acknowledgement */
    struct error first_refusal;
    struct loop_watch watch;
    struct loop_timer turn; /* more answers are there than one turn takes */
    struct loop_timer repeat;
    struct loop_timer limit;
};

/* With a connection file it does nothing. The sockets are open. */
bool handshake_start(struct kernel *kernel, struct error *error)
    __attribute__((warn_unused_result));

/* After the loop: false, with a sentence, when nobody acknowledged in time. */
bool handshake_succeeded(const struct kernel *kernel, struct error *error)
    __attribute__((warn_unused_result));

void handshake_fini(struct kernel *kernel);

#endif
