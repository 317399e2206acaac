/*
 * The event loop: file descriptors (epoll) and timers on one thread. Callbacks run one at a time
 * and must not block.
 */
#ifndef HILUM_BASE_LOOP_H
#define HILUM_BASE_LOOP_H

#include "base/error.h"

#include <stdint.h>
#include <sys/epoll.h>

struct loop_timer {
    void (*fire)(void *context);
    void *context;
    int64_t deadline; /* in loop_now's milliseconds; 0: not set */
    struct loop_timer *next;
};

/* One watched descriptor. The owner keeps the struct in place while it is watched. */
struct loop_watch {
    int fd; /* -1: not watched */
    uint32_t events;
    void (*ready)(void *context, uint32_t events);
    void *context;
};

struct loop {
    int epoll;
    bool stopped;
    struct loop_timer *timers; /* soonest first */
    struct epoll_event *round; /* being dispatched; what was unwatched meanwhile is NULL */
    int round_size;
    /* Called before each wait; returns true when it has left work for after a look at the
     * descriptors, so that the loop must not sleep. */
    bool (*before_wait)(void *context);
    void *context;
};

bool loop_open(struct loop *loop, struct error *error) __attribute__((warn_unused_result));
void loop_close(struct loop *loop);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Starts to watch watch->fd for watch->events (EPOLLIN, EPOLLOUT); EPOLLHUP and EPOLLERR always. */
bool loop_watch(struct loop *loop, struct loop_watch *watch, struct error *error)
    __attribute__((warn_unused_result));

/* Changes the events; cheap when nothing changes. 0 stops everything but hang-ups. */
void loop_want(struct loop *loop, struct loop_watch *watch, uint32_t events);

/* Stops watching, also in the round that is being dispatched: the struct may be freed at once. Does
 * not close the descriptor. */
void loop_unwatch(struct loop *loop, struct loop_watch *watch);

/* Monotonic milliseconds. */
int64_t loop_now(void);

/* (Re)starts the timer; it fires once. */
void loop_start_timer(struct loop *loop, struct loop_timer *timer, int64_t delay_ms);
void loop_stop_timer(struct loop *loop, struct loop_timer *timer);

static inline bool loop_timer_is_set(const struct loop_timer *timer)
{
    return timer->deadline != 0;
}

#endif
