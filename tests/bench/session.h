/* One running kernel with a client that is connected to it. */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include "bench.h"
#include "client.h"
#include "launch.h"

/* No answer for so long means that the kernel hangs. */
#define SESSION_PATIENCE (60 * CLOCK_S)

struct session {
    struct bench *bench;
    const struct kernel_spec *spec;
    struct kernel kernel;
    struct client client;
    struct message message; /* the one that is being looked at */
    bool is_open;
    bool has_failed; /* reported already; the kernel is not measured any further */
};

/* A session without a kernel yet, for those who start it step by step. */
void session_init(struct session *session, struct bench *bench, const struct kernel_spec *spec);

/*
 * Starts the kernel, connects, and repeats kernel_info requests until the subscription works.
 * False, and reported as a fault, when that does not happen.
 */
bool session_open(struct session *session, struct bench *bench, const struct kernel_spec *spec,
                  bool is_slow_reader) __attribute__((warn_unused_result));

/* Asks the kernel to shut down and waits for it. Does nothing to a session that is not open. */
void session_close(struct session *session);

/* Reports a fault of the kernel. Always false, for `return session_fail(...)`. */
bool session_fail(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Opens a session for each kernel; those that fail have is_open false. */
void sessions_open(struct session *sessions, struct bench *bench);
void sessions_close(struct session *sessions, struct bench *bench);

/* The content of an execute_request, with {N} in `code` replaced; the caller frees its data. */
struct span make_execute_content(const char *code, uint64_t number);

#endif
