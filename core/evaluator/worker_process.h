/*
 * A worker as the kernel sees it: a process to start, signal, talk to and bury. Never blocks.
 *
 * The owner is told of everything through the events; it decides what they mean.
 */
#ifndef HILUM_EVALUATOR_WORKER_PROCESS_H
#define HILUM_EVALUATOR_WORKER_PROCESS_H

#include "base/error.h"
#include "base/loop.h"
#include "evaluator/link.h"

#include <sys/types.h>

struct worker_process;

struct worker_events {
    /* Messages have been read from the link and are about to be told: whatever the worker printed
     * before it sent them is in the pipes now. */
    void (*arrived)(void *context);
    /* A message from the link; borrowed for the call. */
    void (*message)(void *context, const struct link_message *message);
    /* A pipe has something to read, or has ended. The owner reads worker_output_fd(). */
    void (*output)(void *context, int stream);
    /* The process is dead and reaped; `cause` says how, for a person: "was killed by signal 11
     * (SIGSEGV)". Its pipes may still hold output. It can be freed now. */
    void (*ended)(void *context, const char *cause);
};

enum { WORKER_STDOUT, WORKER_STDERR, WORKER_STREAMS };

/* Starts `executable plugin`. NULL with the error when it cannot be started. */
struct worker_process *worker_start(struct loop *loop, const char *executable, const char *plugin,
                                    const struct worker_events *events, void *context,
                                    struct error *error) __attribute__((warn_unused_result));

/* Kills what is left of the process group and closes everything. Accepts NULL. Not to be called
 * from a `message` or `output` event. */
void worker_free(struct worker_process *worker);

pid_t worker_pid(const struct worker_process *worker);

/* Sends a message; what the socket does not take now is kept and sent later. */
void worker_send(struct worker_process *worker, const struct link_message *message);

/*
 * SIGINT to the worker and its descendants: they are expected to stop what they do. One signal is
 * not enough: it may come before the worker has read its request, or between a check and a system
 * call that blocks. So it is repeated, to the worker often and to its descendants seldom (many
 * programs take a second Ctrl-C as more than the first), until worker_calm_down.
 */
void worker_interrupt(struct worker_process *worker);

/* What was interrupted has stopped. To be called before the next request is sent. */
void worker_calm_down(struct worker_process *worker);

/* SIGKILL to the whole group; `ended` follows. `reason` becomes the cause that `ended` tells. */
void worker_kill(struct worker_process *worker, const char *reason);

/* Stops or resumes listening to link and pipes: backpressure. */
void worker_pause(struct worker_process *worker, bool pause);

/*
 * Does not look at a pipe for a moment (WORKER_REST_MS): while a cell prints line after line, a wake-up
 * for each would cost more than the lines do. What is asked for with worker_output_fd is there all
 * the same.
 */
#define WORKER_REST_MS 1
void worker_rest_output(struct worker_process *worker, int stream);

/* The read end of a pipe, not blocking; -1 when it has ended. */
int worker_output_fd(const struct worker_process *worker, int stream);
void worker_close_output(struct worker_process *worker, int stream);

/*
 * Reaps every dead child of this process (after SIGCHLD). Adopted orphans just go; when the worker
 * is among the dead, its process group is killed and `ended` is called. `worker` may be NULL.
 */
void worker_reap_children(struct worker_process *worker);

#endif
