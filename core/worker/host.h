/*
 * The host table that evaluators call, and what it collects while one request is served: the
 * recorded error, a captured result, completions.
 */
#ifndef HILUM_WORKER_HOST_H
#define HILUM_WORKER_HOST_H

#include "base/buffer.h"
#include "base/plugin_str.h"
#include "base/question.h"
#include "diagnostics/report.h"
#include "worker/channel.h"
#include "worker/limits.h"
#include "worker/printer.h"

#include <hilum/evaluator.h>
#include <sys/types.h>

#define HOST_OWN_MAX 32

/* Where host->result goes. */
enum host_result {
    HOST_RESULT_PUBLISH, /* execute_result, at once */
    HOST_RESULT_CAPTURE, /* into `result`, for user_expressions */
};

struct host {
    struct hilum_host table; /* first, so that the evaluator's pointer is ours */
    struct channel *channel;

    int64_t request; /* id on the link */
    int64_t execution_count;
    struct str code;  /* that the request is about; borrowed */
    bool allow_stdin; /* false unless the request says otherwise */
    struct printer printer;
    enum hilum_stream last_stream; /* written to a pipe; 0: none yet in this request */

    bool unchanged; /* the evaluator said so of the unit that runs */
    bool changed;   /* a unit of this request ran of which it did not */

    int64_t compile_us, run_us; /* what units of this request took */

    enum host_result result_mode;
    bool has_result;
    struct buffer result; /* "data":{...},"metadata":{...} */
    bool has_held_result;
    struct buffer held_result; /* of execute_result, which is sent when the cell has ended */

    bool has_error;
    struct report error;
    struct diagnostic_scene scene; /* the cell or expression that diagnostics are about */

    bool has_completions;
    struct completions completions;

    bool has_inspection;
    struct buffer inspection; /* "data":{...},"metadata":{...} */

    struct worker_limits limits;
    pid_t own[HOST_OWN_MAX]; /* see hilum_host.own_processes */
    size_t own_count;

    bool idle;   /* no request is served: the kernel may send one, and no answer is awaited */
    int watched; /* see hilum_host.watch; -1: none */
    void (*watch_ready)(struct hilum_session *session);
    struct hilum_session *watch_session;

    struct buffer line;    /* the last answer to input */
    struct buffer scratch; /* for one message's content */
};

void host_init(struct host *host, struct channel *channel);
void host_fini(struct host *host);

/* A request about `code` starts: forgets what the previous one left. */
void host_begin(struct host *host, const struct link_message *request, struct str code);

/* Forgets error and result only: between a cell and its user expressions. */
void host_reset_outcome(struct host *host, enum host_result mode);

struct host *host_of(const struct hilum_host *table);

/* Writes a line about the evaluator to the log. */
void host_complain(struct host *host, const char *sentence);

/* Waits until the kernel has taken everything sent and printed so far. What is printed after this
 * is shown after it. */
void host_sync(struct host *host);

/* The place of a message that is sent now, between units. When it is unknown, and the message is not
 * followed by host_sync, what is printed next may be shown before it. */
struct link_at host_at(struct host *host);

/* Makes the descriptors that came with `redirect` stdout and stderr. */
void host_redirect(struct host *host);

/* This process was a checkpoint and is the session now. */
void host_resume(struct host *host);

/* Sends something that has its place among the prints. What is printed next is shown after it. */
void host_send_in_order(struct host *host, struct str type, struct str content);

/* Sends the cell's result, if it has one that was not sent yet. */
void host_send_result(struct host *host, const struct link_at *at);

/* The error to reply with: what was recorded, or, when the evaluator recorded none, that fact. */
const struct report *host_error(struct host *host);

#endif
