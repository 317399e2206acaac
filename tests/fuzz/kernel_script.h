/*
 * The world around a kernel that is fuzzed: its clients and its worker, played from a script. The
 * kernel is the product's own, from kernel_main on; kernel_clients.c stands in for ZeroMQ
 * (protocol/sockets.h) and kernel_worker.c for the worker's process (evaluator/worker_process.h).
 *
 * A script is lines; the first letter says what happens. Members are separated by tabs.
 *
 *   K                     (first line only) messages are signed
 *   S C I  HEADER CONTENT PARENT METADATA IDENTITY BUFFER...
 *                         a client's message on shell, control, stdin. A HEADER that is no object
 *                         is a type. PARENT `?` is the last question that the client was asked
 *   R      FRAME...       frames on shell as they are
 *   P      TOPIC          a subscription;  U: frame on IOPub as it is;  H: heartbeat
 *   W w    TYPE CONTENT [METADATA] BUFFER...
 *                         a worker's message, for the request it was sent last, or for none
 *   G                     the worker's hello and the reply to load: it is ready
 *   L l    BYTES          bytes on the link, with and without an end of line
 *   O E    BYTES          printed on stdout, stderr
 *   D d                   the worker dies; without having read what was sent to it
 *   N n                   it leaves children behind when a cell ends; no more
 *   X                     the next worker cannot be started
 *   T                     SIGINT
 *   Z z                   15 milliseconds pass; 40 seconds
 *   F f                   IOPub takes nothing more; again
 */
#ifndef HILUM_TESTS_FUZZ_KERNEL_SCRIPT_H
#define HILUM_TESTS_FUZZ_KERNEL_SCRIPT_H

#include "fuzz.h"
#include "protocol/signer.h"

/* A step that the kernel does not let happen (a full queue) is given up after so many looks. */
#define SCRIPT_PATIENCE 200

struct script {
    struct str rest;
    struct str line; /* the step to come, without its letter */
    char kind;       /* its letter; '\0': the script is over */
    unsigned looks;
    bool has_worker;
    bool no_start; /* the next worker cannot be started */
    bool full;     /* IOPub takes nothing */
    bool was_full; /* ever: what is in the backlog at the end is not sent */
    bool left_unread, has_offspring;
    bool ended; /* SIGTERM was sent */
    struct signer signer;
    int64_t passed;  /* milliseconds, by steps of the script */
    size_t messages; /* from clients: numbers them */
    size_t busy, idle, replies;
    char question[128]; /* msg_id of the last input_request */
};

extern struct script script;

void script_start(struct str text);

/* The step has happened. */
void script_next(void);

/* Somebody looks for a step of theirs: what needs nobody happens now. True while there is one. */
bool script_look(void);

#endif
