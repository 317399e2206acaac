/*
 * The evaluator's session as the kernel needs it: there is one, or it says why not. Starts a worker,
 * loads the evaluator. When the worker died, its latest checkpoint takes its place, or else a fresh
 * one: what replaces a dead worker is this module's business alone.
 */
#ifndef HILUM_KERNEL_SESSION_H
#define HILUM_KERNEL_SESSION_H

#include "base/buffer.h"
#include "base/loop.h"
#include "config/config.h"
#include "diagnostics/report.h"
#include "evaluator/sleepers.h"
#include "evaluator/worker_process.h"

#define SESSION_PROCESSES_MAX (1 + SLEEPERS_MAX + SLEEPERS_LEAVING)

enum session_state {
    SESSION_NONE,     /* no worker: not started, or it failed */
    SESSION_STARTING, /* waiting for hello */
    SESSION_LOADING,  /* hello came; the evaluator loads */
    SESSION_READY,
    SESSION_RETURNING, /* the worker is dead, or was sent to its death: a checkpoint is to come */
    SESSION_STATES,
};

/* What a worker's death costs. */
struct session_loss {
    pid_t pid;         /* of the worker, and of its process group */
    const char *cause; /* "was killed ..."; NULL: session_go_back wanted it */
    enum worker_end end;
    bool had_session; /* it was loaded */
    bool left_unread; /* the worker died with something unread that was sent to it */
    bool untouched;   /* it said that it had not begun what it was to do */
    bool restored;    /* a checkpoint is the session now; else a fresh one is being started */
    int64_t steps;    /* how many cells are undone: 0, unless the last have no checkpoint */
};

struct session_events {
    void (*changed)(void *context); /* state or hello changed */
    void (*arrived)(void *context); /* see worker_events */
    /* Before whatever a message does: where it has its place in the output. */
    void (*comes_after)(void *context, const struct link_at *at);
    void (*message)(void *context, const struct link_message *message);
    /* A worker was started; the owner takes over the read ends of its stdout and stderr, and the
     * ring of its prints, if there is one. */
    void (*started)(void *context, const int pipes[2], struct ring *ring);
    /* The worker is gone, and it is clear what takes its place. */
    void (*lost)(void *context, const struct session_loss *loss);
    /* There are other checkpoints than before. */
    void (*checkpointed)(void *context);
    /* The answer to session_ask_aside; NULL: it will not come. Must not change the session. */
    void (*answer)(void *context, const struct link_message *message);
};

struct session {
    struct loop *loop;
    const struct config *config;
    struct session_events events;
    void *context;
    enum session_state state;
    struct worker_process *worker; /* NULL: there is none */
    struct sleepers sleepers;
    int64_t step;         /* how many cells are over */
    int64_t fresh_step;   /* the first so many have left the state as it was when it was loaded */
    bool has_checkpoints; /* until the worker says that it cannot make any */
    uint64_t checkpoints_taken; /* ever */
    bool going_back;
    bool had_session;
    enum worker_end end;
    bool left_unread, untouched; /* see session_loss */
    pid_t group;                 /* of the worker, or of the last one there was */
    char cause[512];             /* of the last worker's death */
    bool stopping;
    struct loop_timer patience;   /* for hello, and for the end after session_stop */
    struct buffer hello;          /* facts about the evaluator; empty until known; kept for good */
    struct buffer facts;          /* what the evaluator's program adds to hello; may stay empty */
    struct buffer checkpointless; /* why has_checkpoints is false; empty: nobody wants any */
    struct report failure;        /* why there is no session; else empty */
};

/* Starts the first worker. A failure is remembered for session_failure, not returned. */
void session_init(struct session *session, struct loop *loop, const struct config *config,
                  const struct session_events *events, void *context);
void session_fini(struct session *session);

/* Tries again after a failure. */
void session_start(struct session *session);

/* Why there is no session; empty when nothing failed. */
const struct report *session_failure(const struct session *session);

/* After SIGCHLD: reaps the dead, the worker among them if it is. */
void session_reap(struct session *session);

/*
 * Is the worker ready, and still there? One that died a moment ago, of which the event loop has not
 * heard, is buried (`lost` is called) and replaced, so that a request is not lost to it.
 */
bool session_is_alive(struct session *session);

/* To a worker that is ready, or that asked for something while it loads. */
void session_send(struct session *session, const struct link_message *message);

/* To a worker that is ready: with session_flush, or the next session_send. */
void session_enqueue(struct session *session, const struct link_message *message);
void session_flush(struct session *session);

/* Reads what is there on the link; its messages are told. Not to be called from an event of theirs. */
void session_read(struct session *session);

/* See worker_redirect. */
bool session_redirect(struct session *session, int out_fd, int err_fd);

/*
 * Undoes the last `steps` cells: the worker is killed, and the
 * checkpoint from before them is the session as soon as the state is SESSION_READY again. Between
 * requests only. False, with a sentence: there is no such checkpoint, and nothing has changed.
 */
bool session_go_back(struct session *session, int64_t steps, struct error *error)
    __attribute__((warn_unused_result));

/* The session's own processes: the worker, if there is one, and its checkpoints. At most
 * SESSION_PROCESSES_MAX. */
size_t session_processes(const struct session *session, pid_t *list);

/* The checkpoint of the present state is being made: it will be there, or fail, in a moment, and
 * `checkpointed` is called. */
bool session_is_forking(const struct session *session);

/* Asks the checkpoint of the present state while the worker is busy; one question at a time. False:
 * there is none. */
bool session_ask_aside(struct session *session, const struct link_message *message);

/* Ends the worker, politely when `gently`; `changed` is called when it is gone. */
void session_stop(struct session *session, bool gently);

#endif
