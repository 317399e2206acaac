/* How requests that the worker serves, and cells that wait for it, come to their end. */
#ifndef HILUM_KERNEL_FINISH_H
#define HILUM_KERNEL_FINISH_H

#include "base/buffer.h"
#include "diagnostics/report.h"
#include "kernel/router.h"

/* The active request is answered with `content`, unless it is a comm message, which has no reply.
 * Then the doomed cells are. */
void finish(struct kernel *kernel, struct str content);

/* The active request fails for a reason that the kernel knows. The error of what has output is
 * published, too. */
void finish_with_error(struct kernel *kernel, const struct report *report);

/* As finish_with_error, for a reason that is one sentence. */
void finish_with_sentence(struct kernel *kernel, const char *code, const char *name,
                          const char *sentence);

/* The active request was interrupted. A cell's reply is `aborted`, and an `error` output tells the
 * reader. */
void finish_interrupted(struct kernel *kernel, const char *sentence);

/* A request that is not even started, because it asks for what cannot be. */
enum handled finish_refused(struct kernel *kernel, struct request *request, const char *code,
                            const char *name, const char *sentence);

/* The cells that wait now will be aborted when the active request is finished. */
void finish_doom_queued(struct kernel *kernel);

/*
 * After an error: also the cells that a client sent along and that are still in the socket. To be
 * done before the error is replied: what a client sends when it knows of the error must run.
 */
void finish_doom_sent(struct kernel *kernel);

/*
 * Was this cell sent before its client could know that another had failed? "Run all" sends cell after
 * cell, and an error may be answered while the next ones are still on their way; they belong to what
 * it aborts. Told by the date in the header, and only for a moment after the error, so that a client
 * whose clock is wrong can hardly be hit.
 */
bool finish_is_overtaken(const struct kernel *kernel, const struct request *request);

/* A cell that will not run. Takes over the reference. */
void finish_abort(struct kernel *kernel, struct request *request);

/* Answers the doomed cells with `aborted`, in order. */
void finish_doomed(struct kernel *kernel);

/* "execution_count":N */
void finish_write_count(struct buffer *out, int64_t count);

#endif
