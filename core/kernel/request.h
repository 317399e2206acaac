/* A request from a client, kept as long as anything still refers to it as its parent. */
#ifndef HILUM_KERNEL_REQUEST_H
#define HILUM_KERNEL_REQUEST_H

#include "guard/output_quota.h"
#include "protocol/connection.h"
#include "protocol/wire.h"

#include <stdint.h>

struct request_type;

/* When things happened to it; monotonic microseconds. */
struct request_times {
    int64_t arrived_us, sent_us, replied_us; /* replied: by the worker, or when it was lost */
    bool known;                              /* the worker has told what follows */
    int64_t compile_us, run_us;              /* how long it took */
};

/* What was published as its output. */
struct output_shown {
    uint64_t messages, bytes;
};

struct request {
    unsigned references;
    enum channel_name channel;       /* the one that the reply goes to */
    const struct request_type *type; /* from the router's table */
    struct request *next;            /* in a queue */
    int64_t sent_as;                 /* its id on the link, when it was sent ahead; 0: not sent */
    bool names_subshell;             /* it is not for the main shell, the only one here (JEP 91) */
    bool doomed;                     /* an interrupt came after it: to be aborted, not run */
    size_t size;                     /* bytes this object holds */
    struct output_quota quota;       /* of what is shown as its output */
    struct output_shown shown;
    struct request_times times;
    bool timed; /* a cell that ends with a report of what it used */
    int64_t cpu_before_us;
    size_t identity_count;
    struct str *identities;
    struct str header;
    struct str metadata;
    struct str content;
    size_t buffer_count;
    struct str *buffers;
    struct str msg_id;
    char bytes[];
};

/* Copies what is needed of a message into one new object with one reference; NULL: no memory. */
struct request *request_new(enum channel_name channel, const struct request_type *type,
                            const struct wire_incoming *message);

struct request *request_ref(struct request *request);
void request_unref(struct request *request); /* accepts NULL */

#endif
