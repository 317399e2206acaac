/*
 * The evaluator's session as the kernel needs it: there is one, or it says why not. Starts a worker,
 * loads the evaluator, starts another when the worker died. (Checkpoints will take over here: what
 * replaces a dead worker is this module's business alone.)
 */
#ifndef HILUM_KERNEL_SESSION_H
#define HILUM_KERNEL_SESSION_H

#include "base/buffer.h"
#include "base/loop.h"
#include "config/config.h"
#include "evaluator/worker_process.h"

enum session_state {
    SESSION_NONE,     /* no worker: not started, or it failed */
    SESSION_STARTING, /* waiting for hello */
    SESSION_LOADING,  /* hello came; the evaluator loads */
    SESSION_READY,
    SESSION_STATES,
};

struct session_events {
    void (*changed)(void *context); /* state or hello changed */
    void (*arrived)(void *context); /* see worker_events */
    void (*message)(void *context, const struct link_message *message);
    /* A worker was started; the owner takes over the read ends of its stdout and stderr. */
    void (*started)(void *context, int out_fd, int err_fd);
    /* The worker died; a new one is being started if it had been ready. `cause`: "was killed ..." */
    void (*lost)(void *context, const char *cause);
};

struct session {
    struct loop *loop;
    const struct config *config;
    struct session_events events;
    void *context;
    enum session_state state;
    struct worker_process *worker;
    bool stopping;
    struct loop_timer patience; /* for hello, and for the end after session_stop */
    struct buffer hello;        /* facts about the evaluator; empty until known; kept for good */
    struct buffer facts;        /* what the evaluator's program adds to hello; may stay empty */
    struct buffer failure;      /* members of an error reply: why there is no session; else empty */
};

/* Starts the first worker. A failure is remembered for session_failure, not returned. */
void session_init(struct session *session, struct loop *loop, const struct config *config,
                  const struct session_events *events, void *context);
void session_fini(struct session *session);

/* Tries again after a failure. */
void session_start(struct session *session);

/* {"ename":..,"evalue":..,"traceback":[..]} without the braces; empty when nothing failed. */
struct str session_failure(const struct session *session);

/* After SIGCHLD: reaps the dead, the worker among them if it is. */
void session_reap(struct session *session);

/*
 * Is the worker ready, and still there? One that died a moment ago, of which the event loop has not
 * heard, is buried (`lost` is called) and replaced, so that a request is not lost to it.
 */
bool session_is_alive(struct session *session);

/* To a worker that is ready, or that asked for something while it loads. */
void session_send(struct session *session, const struct link_message *message);

/* See worker_redirect. */
bool session_redirect(struct session *session, int out_fd, int err_fd);

/* Ends the worker, politely when `gently`; `changed` is called when it is gone. */
void session_stop(struct session *session, bool gently);

#endif
