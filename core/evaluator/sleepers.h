/*
 * Checkpoints as the kernel sees them: processes that sleep with a state of the session from an
 * earlier moment, each at the other end of a link. Never blocks.
 *
 * States are numbered in steps: how many cells were over when the checkpoint was made. Cells that
 * change nothing leave it good for further steps. The kernel's end of a link comes before the process is there; it is ready
 * when it has said so. A process ends when its link is closed.
 */
#ifndef HILUM_EVALUATOR_SLEEPERS_H
#define HILUM_EVALUATOR_SLEEPERS_H

#include "base/loop.h"
#include "evaluator/link.h"

#include <sys/types.h>

/* Those of the depth, one for the present state, and one in the making. */
#define SLEEPERS_MAX 18
/* How many of those that were let go are remembered. */
#define SLEEPERS_LEAVING 8

struct sleeper;

struct sleepers_events {
    /* One became ready, or is gone. */
    void (*changed)(void *context);
    /* The answer to sleepers_ask, borrowed for the call; NULL: it will not come. Must not release any. */
    void (*answer)(void *context, const struct link_message *message);
};

struct sleepers {
    struct loop *loop;
    struct sleepers_events events;
    void *context;
    size_t count;
    struct sleeper *items[SLEEPERS_MAX]; /* the latest last */
    pid_t leaving[SLEEPERS_LEAVING];     /* those let go last, which may not be gone yet */
    size_t left;                         /* how many were let go, ever */
};

/* One that is taken out to be the session. The caller owns what is in it. */
struct woken {
    pid_t pid;
    int fd;
    struct link_reader reader;
    int64_t step; /* the last that it is good for */
};

enum sleepers_take {
    SLEEPERS_NONE,    /* there is none */
    SLEEPERS_UNREADY, /* the latest is not ready yet: `changed` will tell */
    SLEEPERS_TAKEN,   /* *woken is set */
};

void sleepers_init(struct sleepers *sleepers, struct loop *loop,
                   const struct sleepers_events *events, void *context);

/* Takes over the kernel's end of a link. Forgets the oldest when there are too many. */
void sleepers_add(struct sleepers *sleepers, int fd, int64_t step);

/* A cell has left the state of step - 1 as it was: who has that has the one of `step`, too. */
void sleepers_extend(struct sleepers *sleepers, int64_t step);

/* Lets those go that are older than the latest `count` that are ready. */
void sleepers_keep(struct sleepers *sleepers, size_t count);

/* Lets those go that are younger than `step`, or the latest. */
void sleepers_release_after(struct sleepers *sleepers, int64_t step);
void sleepers_release_latest(struct sleepers *sleepers);

/* Kills them all. */
void sleepers_fini(struct sleepers *sleepers);

/* Takes out the latest that lives. For a session that has ended and is reaped: then its checkpoints
 * are this process's children, and one that is not is none. */
enum sleepers_take sleepers_take(struct sleepers *sleepers, struct woken *woken);

/* Is there one of this step, and ready? Is there one at all? */
bool sleepers_have(const struct sleepers *sleepers, int64_t step);
bool sleepers_expect(const struct sleepers *sleepers, int64_t step);

/* The pids of those that are ready; at most SLEEPERS_MAX. */
size_t sleepers_pids(const struct sleepers *sleepers, pid_t *list);

/* These, and some that were let go and may not be gone yet; at most SLEEPERS_MAX + SLEEPERS_LEAVING. */
size_t sleepers_list(const struct sleepers *sleepers, pid_t *list);

/* Has one that is ready another stdout than the pipe with the inode `output`? */
bool sleepers_are_astray(const struct sleepers *sleepers, int64_t output);

/* Makes these, of which the first is that pipe, stdout and stderr of those, so that none keeps older
 * ones open. */
void sleepers_redirect(struct sleepers *sleepers, int64_t output, const int fds[2]);

/* Asks the one of this step; false: there is none, or it is thinking about something else. */
bool sleepers_ask(struct sleepers *sleepers, int64_t step, const struct link_message *message);

#endif
