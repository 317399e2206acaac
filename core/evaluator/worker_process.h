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
#include "evaluator/ring.h"

#include <sys/types.h>

struct worker_process;

struct worker_events {
    /* Messages have been read from the link and are about to be told: whatever the worker printed
     * before it sent them is in the pipes and the ring now. */
    void (*arrived)(void *context);
    /* A message from the link; borrowed for the call. */
    void (*message)(void *context, const struct link_message *message);
    /* The worker has forked off a checkpoint, or is about to: the kernel's end of its link, which the
     * owner takes over. */
    void (*checkpoint)(void *context, int fd);
    /* The process is dead and reaped; `cause` says how, for a person: "was killed by signal 11
     * (SIGSEGV)". Its pipes may still hold output. It can be freed now. */
    void (*ended)(void *context, const char *cause);
};

/* Starts `executable plugin`. pipes[0] and pipes[1] are set to the read ends of its stdout and
 * stderr, which do not block and are the caller's, like the ring for its prints; NULL: it has to do
 * without. NULL with the error when the worker cannot be started. */
struct worker_process *worker_start(struct loop *loop, const char *executable, const char *plugin,
                                    const struct worker_events *events, void *context, int pipes[2],
                                    struct ring **ring, struct error *error)
    __attribute__((warn_unused_result));

/* A process that is a worker already: the caller's child, leader of its process group, with its link
 * and what was read from it. Takes them over, also when it fails. NULL: it fails, and is killed. */
struct worker_process *worker_adopt(struct loop *loop, pid_t pid, int link,
                                    const struct link_reader *reader,
                                    const struct worker_events *events, void *context)
    __attribute__((warn_unused_result));

/* Kills what is left of the process group and closes the link. Accepts NULL. Not to be called from
 * a `message` event. */
void worker_free(struct worker_process *worker);

enum worker_end {
    WORKER_SIGNALLED, /* by a signal that was not ours */
    WORKER_EXITED,
    WORKER_SAID_WHY,   /* see worker_explains */
    WORKER_WAS_KILLED, /* by worker_kill */
};

/* From `ended`: how the worker came to its end. */
enum worker_end worker_how_ended(const struct worker_process *worker);

/* From `ended`: the worker died with something unread that was sent to it. */
bool worker_left_unread(const struct worker_process *worker);

/* From `ended`: it said that it had not begun what it was sent last. */
bool worker_left_untouched(const struct worker_process *worker);

pid_t worker_pid(const struct worker_process *worker);

/* The worker says why it is about to end; `cause` is what `ended` will tell, unless we killed it.
 * `untouched`: it has not begun what it was to do. */
void worker_explains(struct worker_process *worker, struct str cause, bool untouched);

/* The processes that the worker says are part of it: what they start are its descendants, they
 * themselves are not. */
#define WORKER_OWN_MAX 32
void worker_owns(struct worker_process *worker, const pid_t *pids, size_t count);

/* What worker_owns was told. */
size_t worker_own_processes(const struct worker_process *worker, const pid_t **pids);

/* A message for worker_flush, or for the next worker_send, to send. */
void worker_enqueue(struct worker_process *worker, const struct link_message *message);
void worker_flush(struct worker_process *worker);

/* Reads what is there on the link, unless that is paused; its messages are told. Not to be called from
 * an event. */
void worker_read(struct worker_process *worker);

/* Messages are being told: whoever called this is called by one. */
bool worker_is_heard(const struct worker_process *worker);

/* Sends a message; what the socket does not take now is kept and sent later. */
void worker_send(struct worker_process *worker, const struct link_message *message);

/*
 * SIGINT to the worker and its descendants: they are expected to stop what they do. One signal is
 * not enough: it may come before the worker has read its request, or between a check and a system
 * call that blocks. So it is repeated, to the worker often and to its descendants seldom (many
 * programs take a second Ctrl-C as more than the first), until worker_calm_down. Accepts NULL.
 */
void worker_interrupt(struct worker_process *worker);

/* What was interrupted has stopped. To be called before the next request is sent. */
void worker_calm_down(struct worker_process *worker);

/* SIGKILL to the whole group; `ended` follows. `reason` becomes the cause that `ended` tells. Accepts
 * NULL. */
void worker_kill(struct worker_process *worker, const char *reason);

/* Makes these the worker's stdout and stderr from its next request on; between requests only. The
 * caller keeps its descriptors. False: it was not done. */
bool worker_redirect(struct worker_process *worker, int out_fd, int err_fd);

/* Stops or resumes listening to the link: backpressure. */
void worker_pause(struct worker_process *worker, bool pause);

/*
 * Reaps every dead child of this process (after SIGCHLD). Adopted orphans just go. When the worker
 * is among the dead, its process group is killed, `ended` is called and the result is true: the
 * call is to be repeated, with the worker that may have taken its place. `worker` may be NULL.
 */
bool worker_reap_children(struct worker_process *worker);

#endif
