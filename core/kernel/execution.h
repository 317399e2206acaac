/*
 * The request that the worker is serving: at most one at a time. Turns execute_request and the
 * other requests about code into worker messages, and what comes back into outputs and a reply;
 * also what interrupts, the worker's death and errors do to it and to the queue behind it.
 */
#ifndef HILUM_KERNEL_EXECUTION_H
#define HILUM_KERNEL_EXECUTION_H

#include "base/buffer.h"
#include "base/loop.h"
#include "kernel/router.h"
#include "kernel/session.h"

struct execution {
    struct request *active; /* NULL: nothing runs */
    int64_t id;             /* of the active request on the link */
    int64_t last_id;        /* given to a request, on the link */
    int64_t count;          /* execution_count of the last cell that was counted */
    bool sent;              /* the worker has it; false: waiting for the session */
    bool landed;            /* it was sent ahead */
    bool resent;            /* a worker died before it began it */
    bool heard;             /* the worker has sent something about it */
    uint32_t begun;         /* what the worker had begun last when it was not this one yet */
    bool interrupted;       /* SIGINT was sent for it */
    bool user_interrupted;  /* by a user, and how that ended is not counted yet */
    bool has_doomed;        /* requests in the queue were marked as doomed */
    bool finishing;         /* its end is being told: an interrupt comes too late for it */
    bool is_cell;           /* an execute_request */
    bool has_output;        /* a cell, a comm message: what the worker prints belongs to it */
    bool accepted;          /* a comm message: the evaluator knew what to do */
    bool is_counted;        /* a cell that has a number, and so a place in the history */
    bool silent;
    bool stop_on_error;
    bool offspring;        /* the cell left processes behind */
    bool forked;           /* it may have started some */
    bool is_empty;         /* nothing of the cell is for the worker */
    int64_t go_back;       /* how many cells the session has to go back before it starts */
    int64_t went_back;     /* and how many it went */
    struct buffer content; /* what the worker is to be sent, when it differs from the request's */
    struct buffer held_error; /* what it said, for IOPub and for the reply */
    struct buffer held_metadata;
    struct buffer held_reply;
    struct loop_timer hold;
    int64_t failed_at;       /* when a cell failed last; microseconds as in date_now */
    int64_t failed_until;    /* how long that matters; loop_now's milliseconds */
    struct loop_timer grace; /* how long the worker may take to stop after an interrupt */
};

void execution_init(struct kernel *kernel);
void execution_fini(struct kernel *kernel);

/* Handlers for the router. */
enum handled execution_handle_execute(struct kernel *kernel, struct request *request);
enum handled execution_handle_code(struct kernel *kernel, struct request *request);
enum handled execution_serve_comm(struct kernel *kernel, struct request *request);

/* The session became ready or failed: what waited for it goes on. */
void execution_session_changed(struct kernel *kernel);

/* The worker's `error` for the active cell: told together with the reply. */
void execution_take_error(struct kernel *kernel, struct str content, struct str metadata);

/* A reply from the worker; `message` has the active request's id. */
void execution_take_reply(struct kernel *kernel, const struct link_message *message);

/* The error that was held back is told, with its reply, and aborts what came until now. */
void execution_tell_failure(struct kernel *kernel);

/* Is the active request a comm message? */
static inline bool execution_is_comm(const struct execution *execution)
{
    return execution->has_output && !execution->is_cell;
}

#endif
