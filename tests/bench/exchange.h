/* One request and everything that belongs to it, timed and checked: the latency probe. */
#ifndef BENCH_EXCHANGE_H
#define BENCH_EXCHANGE_H

#include "session.h"

enum exchange_type {
    EXCHANGE_EXECUTE,     /* the language's expression */
    EXCHANGE_KERNEL_INFO, /* on shell */
};

/* The kinds of a request's messages on IOPub, in order; `count` of them. */
struct exchange_pattern {
    const char *request_type;
    enum message_kind iopub[4];
    int count;
    enum message_kind reply;
};

extern const struct exchange_pattern exchange_patterns[];

/*
 * From before the request is sent until its reply and its idle status are both here. Checks the
 * messages' kinds and order, the result's text and the reply's status; with `is_thorough` also
 * signatures and JSON, which takes time and is for requests whose time is not used.
 */
bool exchange(struct session *session, enum exchange_type type, bool is_thorough,
              int64_t *nanoseconds) __attribute__((warn_unused_result));

/* The scale's number of requests of both types, the first of each thorough. */
bool exchange_warm_up(struct session *session);

/* Is the "status" of a reply's content "ok"? */
bool exchange_is_ok(struct span content);

#endif
